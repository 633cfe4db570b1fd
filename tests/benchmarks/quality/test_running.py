"""Runs: the file of finished ones, going on after an interruption, processes with limits, and one real run of vgp."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgp.benchmarks.quality.budget import Budget
from vgp.benchmarks.quality.command import main, seeds, setting
from vgp.benchmarks.quality.ledger import Ledger
from vgp.benchmarks.quality.processes import ROOT, Failed, Processes
from vgp.benchmarks.quality.running import carry_out, fit_and_judge, planned
from vgp.errors import InputError


def runs(*problems, engines=("vgp",)):
    return planned(problems, engines, [0, 1], [0.0], [1.0], {})


def done(run):
    return {**run, "status": "done", "exact": True}


def silent(*_):
    pass


def test_a_second_start_does_only_what_is_missing(tmp_path):
    path, plan, begun = tmp_path / "folder" / "runs.jsonl", runs("a", "b", "c"), []

    def fails_at_the_third(_, run):
        begun.append(run["problem"])
        if len(begun) == 3:
            raise KeyboardInterrupt
        return done(run)

    with pytest.raises(KeyboardInterrupt):
        carry_out(Ledger(path), plan, 1, silent, fails_at_the_third)
    assert len(Ledger(path).records) == 2

    again = []
    carry_out(Ledger(path), plan, 1, silent, lambda _, run: again.append(run) or done(run))
    assert len(again) == 4 and not Ledger(path).missing(plan)
    carry_out(Ledger(path), plan, 1, silent, lambda _, run: pytest.fail("nothing was missing"))


def test_other_settings_are_other_runs(tmp_path):
    ledger = Ledger(tmp_path / "runs.jsonl")
    plain, changed = runs("a"), planned(["a"], ["vgp"], [0, 1], [0.0], [1.0], {"vgp": {"population_size": 500}})
    ledger.add(done(plain[0]))
    assert len(ledger.missing(plain)) == 1 and len(ledger.missing(changed)) == 2


def test_the_last_line_of_a_run_counts_and_a_torn_line_is_cut_off(tmp_path):
    path, plan = tmp_path / "runs.jsonl", runs("a")
    ledger = Ledger(path)
    ledger.add({**plan[0], "status": "killed after 5 s"})
    ledger.forget(plan, only_failed=True)
    assert ledger.missing(plan) == plan
    ledger.add(done(plan[0]))
    with path.open("a") as file:
        file.write('{"problem": "a", "eng')
    again = Ledger(path)
    assert [record["status"] for record in again.of(plan)] == ["done"]
    again.add(done(plan[1]))
    assert len(Ledger(path).of(plan)) == 2
    again.forget(plan, only_failed=True)
    assert not again.missing(plan), "these did not fail"


def test_a_file_that_is_no_ledger_is_named(tmp_path):
    path = tmp_path / "other.txt"
    path.write_text("hello\n")
    with pytest.raises(InputError, match=r"other.txt, line 1"):
        Ledger(path)


@given(st.binary(max_size=60) | st.sampled_from([b"[]\n", b"3\n", b"{}\n", b'"a"\n', b"null\n", b"\n"]))
def test_any_file_is_a_ledger_or_an_input_error(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.jsonl"
        path.write_bytes(content)
        try:
            assert len(Ledger(path).records) <= content.count(b"\n")
        except InputError:
            return


def test_no_more_runs_than_jobs_are_under_way(tmp_path):
    lock, under_way, most = threading.Lock(), [0], [0]

    def step(_, run):
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.01)
        with lock:
            under_way[0] -= 1
        return done(run)

    carry_out(Ledger(tmp_path / "runs.jsonl"), runs(*"abcdef"), 3, silent, step)
    assert most[0] <= 3


def test_a_failure_is_a_result():
    class Broken:
        def run(self, job, cpu_limit, wall_limit):
            if job["step"] == "fit" and job["problem"] == "a":
                raise Failed("died of SIGSEGV")
            if job["step"] == "judge":
                raise Failed("killed after 9 s")
            return {"formula": "x0", "size": 1, "cpu": 1.0, "evaluations": 5, "trace": []}

    first, second = runs("a")[0], runs("b")[0]
    assert fit_and_judge(Broken(), first)["status"] == "died of SIGSEGV"
    assert fit_and_judge(Broken(), second)["status"] == "judge: killed after 9 s"


def test_a_changed_judge_may_judge_again(tmp_path, capsys):
    path = tmp_path / "runs.jsonl"
    run = planned(["feynman_I_12_1"], ["vgp"], [0], [0.0], [5.0], {"vgp": {}})[0]
    Ledger(path).add({**run, "status": "judge: killed after 9 s", "formula": "x0*x1", "soon": 0.25})
    options = [
        "--problems",
        "feynman_I_12_1",
        "--engines",
        "vgp",
        "--seeds",
        "1",
        "--noise",
        "0",
        "--seconds",
        "5",
        "--judge-again",
    ]
    assert main([*options, "--results", str(path)]) == 0
    record = Ledger(path).of([run])[0]
    assert record["status"] == "done" and record["exact"] and record["soon"] == 0.25


JOB = {"problem": "feynman_I_12_1", "engine": "vgp", "seed": 0, "noise": 0.0, "seconds": 2.0, "settings": {}, "suite": "laws"}


def test_a_run_of_vgp_finds_a_product_within_its_budget():
    record = fit_and_judge(Processes(), JOB)
    assert record["status"] == "done", record
    assert record["exact"] and record["srbench"] and record["wide"] and record["size"] == 3
    assert 0 < record["soon"] < record["cpu"]
    assert record["evaluations"] > 1000 and record["engine_size"] >= 3


def test_a_process_that_takes_too_long_is_killed():
    with pytest.raises(Failed, match="killed after 1 s"):
        Processes().run({**JOB, "step": "fit", "seconds": 100.0}, 100, 1.0)


def test_a_process_that_uses_too_much_is_stopped():
    with pytest.raises(Failed, match="used up its CPU limit"):
        Processes().run({**JOB, "step": "fit", "problem": "feynman_test_16", "seconds": 100.0}, 2, 120)


def test_an_error_is_told_in_a_line():
    with pytest.raises(Failed, match="nothing_of_the_kind"):
        Processes().run({**JOB, "step": "fit", "problem": "nothing_of_the_kind"}, 60, 120)


def test_ending_kills_what_runs_and_starts_nothing_more():
    processes, outcome = Processes(), []

    def run():
        try:
            processes.run({**JOB, "step": "fit", "seconds": 300.0}, 400, 400)
        except Failed as error:
            outcome.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    while not processes._running:
        time.sleep(0.01)
    processes.end()
    thread.join(30)
    assert not thread.is_alive() and outcome
    with pytest.raises(Failed, match="interrupted"):
        processes.run({**JOB, "step": "fit"}, 60, 60)


def test_ctrl_c_ends_the_command_and_its_processes(tmp_path):
    command = [
        sys.executable,
        "-m",
        "vgp.benchmarks.quality",
        "--problems",
        "nguyen_5,nguyen_7",
        "--engines",
        "vgp",
        "--seconds",
        "60",
    ]
    command += ["--seeds", "1", "--noise", "0", "--jobs", "2", "--results", str(tmp_path / "runs.jsonl")]
    environment = {**os.environ, "PYTHONPATH": ROOT}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True, text=True) as child:
        children = []
        while len(children) < 2:
            time.sleep(0.1)
            children = subprocess.run(
                ["ps", "-o", "pid=", "--ppid", str(child.pid)], capture_output=True, text=True, check=False
            ).stdout.split()
        time.sleep(1)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
    assert child.returncode == 130 and "goes on from here" in err and "Traceback" not in err
    for pid in children:
        assert not os.path.exists(f"/proc/{pid}")


def test_the_budget_counts_children():
    budget = Budget(10)
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
    assert budget.used > 0.2 and budget.left


def test_the_command_chooses_and_refuses(tmp_path, capsys):
    assert main(["--list", "--problems", "classics"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 10
    results = ["--results", str(tmp_path / "runs.jsonl")]
    for wrong, hint in (
        (["--problems", "nguyen_6"], "did you mean"),
        (["--engines", "eureqa"], "pyoperon"),
        (["--engines", "vgp", "--set", "populatin_size=5"], "population_size"),
    ):
        assert main([*wrong, *results]) == 2
        assert hint in capsys.readouterr().err


def test_the_command_writes_its_tables(tmp_path, capsys):
    ledger = Ledger(tmp_path / "runs.jsonl")
    for run in planned(["nguyen_5"], ["vgp"], [0], [0.0], [5.0], {"vgp": {}}):
        ledger.add({**done(run), "r2": 1.0, "size": 7, "soon": 0.5})
    options = ["--problems", "nguyen_5", "--engines", "vgp", "--seeds", "1", "--noise", "0", "--seconds", "5"]
    assert main([*options, "--results", str(ledger.path)]) == 0
    assert "noise 0, 5 s" in capsys.readouterr().out
    content = json.loads((tmp_path / "quality.json").read_text())
    assert content["results"]["noise 0, 5 s"][0]["exact %"] == 100


def test_values_of_options():
    assert seeds("3") == [0, 1, 2] and seeds("2-4") == [2, 3, 4] and seeds("7,9") == [7, 9] and seeds("7,") == [7]
    assert setting("max_size=40") == ("max_size", 40) and setting("crossover=0.5") == ("crossover", 0.5)
    assert setting("linear_scaling=false") == ("linear_scaling", False) and setting("functions=add+mul") == (
        "functions",
        ["add", "mul"],
    )
