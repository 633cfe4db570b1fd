"""Role node_metrics: what it writes, and what it refuses. On a real host: roles/node_metrics/molecule."""

import shutil
import subprocess

import pytest

from tests.roles import systemd
from tests.roles.ansible import ROOT, needs_ansible, play

pytestmark = needs_ansible
yaml = pytest.importorskip("yaml", reason="PyYAML comes with ansible-core")
NAMED = {"name": "node_metrics", "tasks_from": "preflight", "public": True}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """{host: {file: text}}."""
    folder = tmp_path_factory.mktemp("node_metrics")
    (folder / "templates").symlink_to(ROOT / "roles/node_metrics/templates")
    hosts = {"plain": {}, "odd": {"node_metrics_name": 'a "b" \\ c', "node_metrics_port": 9200, "node_metrics_page_token": ""}}
    destination = f"{folder}/{{{{ inventory_hostname }}}}-{{{{ item }}}}"
    render = {"src": "{{ item }}.j2", "dest": destination, "mode": "0644"}
    store = {"ansible.builtin.template": render, "loop": ["vcloud.conf", "scrape.yml"]}
    play(folder, hosts, [{"ansible.builtin.include_role": NAMED}, store])
    return {host: {name: (folder / f"{host}-{name}").read_text() for name in ("vcloud.conf", "scrape.yml")} for host in hosts}


def test_it_listens_on_loopback_alone(written):
    commands = [value for name, value in systemd.settings(written["odd"]["vcloud.conf"]) if name == "ExecStart"]
    assert commands == ["", "/usr/bin/prometheus-node-exporter --web.listen-address=127.0.0.1:9200"]
    assert ("IPAddressDeny", "any") in systemd.settings(written["plain"]["vcloud.conf"])


def test_prometheus_is_told_of_both_and_where_the_token_is(written):
    jobs = {one["job_name"]: one for one in yaml.safe_load(written["plain"]["scrape.yml"])["scrape_configs"]}
    assert jobs["node"]["static_configs"] == [{"targets": ["127.0.0.1:9100"], "labels": {"instance": "plain"}}]
    assert jobs["vmesh"]["static_configs"] == [{"targets": ["127.0.0.1:7080"], "labels": {"instance": "plain"}}]
    assert jobs["vmesh"]["authorization"] == {"credentials_file": "/etc/vcloud-metrics/page.token"}
    (alone,) = yaml.safe_load(written["odd"]["scrape.yml"])["scrape_configs"]
    assert alone["static_configs"][0]["labels"] == {"instance": 'a "b" \\ c'}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_reads_it(written, tmp_path):
    (tmp_path / "prometheus.yml").write_text(written["plain"]["scrape.yml"])
    words = ["promtool", "check", "config", "--syntax-only", str(tmp_path / "prometheus.yml")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_port_of_root_and_one_for_both_are_refused(tmp_path):
    hosts = {"low": {"node_metrics_port": 100}, "same": {"node_metrics_port": 7080}}
    output = play(tmp_path, hosts, [{"ansible.builtin.include_role": NAMED}], check=False)
    for host in hosts:
        assert any(f"[{host}]" in line and "give two ports from 1024 to 65535" in line for line in output.splitlines()), output
