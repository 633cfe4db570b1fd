"""The way through ssh: a SOCKS proxy, an ssh that is played, and a real sshd on loopback."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.vmesh.admin.fakes import FakeNode, Hall
from tests.vmesh.admin.running import ROOT, start, terminal, vmesh
from tests.vmesh.admin.socks import Proxy
from vmesh.admin import tunnel as tunnel_module
from vmesh.admin.asking import find_all
from vmesh.admin.client import Inquiries
from vmesh.admin.relay import Relay
from vmesh.admin.tunnel import tunnel
from vmesh.errors import AdminError
from vmesh.security.key_folder import admin_keys, worker_keys

PLAYED = f"""#!{sys.executable}
import os, sys
sys.path.insert(0, {str(ROOT)!r})
open(os.environ["SSH_SAW"], "a").write(" ".join(sys.argv[1:]) + "\\n")
if os.environ.get("SSH_SAYS"):
    print(os.environ["SSH_SAYS"], file=sys.stderr)
    sys.exit(255)
port = sys.argv[sys.argv.index("-D") + 1].rpartition(":")[2]
os.execv(sys.executable, [sys.executable, "-m", "tests.vmesh.admin.socks", port, *os.environ["SSH_ROUTES"].split()])
"""
SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")


@pytest.fixture(params=["plain", "keys"])
def keys(request, folder):
    return folder if request.param == "keys" else None


@pytest.fixture
def inside(keys):
    """Three workers that know each other by addresses of a private network, and the routes there."""
    with Hall([FakeNode(f"host/{i}") for i in range(3)], keys=worker_keys(keys) if keys else None) as hall:
        private = [f"10.99.0.{i}:7101" for i in range(3)]
        for i, node in enumerate(hall.nodes):
            node.admin = private[i]
            node.known = [(f"host/{j}", private[j]) for j in range(3) if j != i]
        hall.routes = dict(zip(private, hall.addresses, strict=True))
        yield hall


@pytest.fixture
def played(tmp_path, monkeypatch):
    """An ssh that is not one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ssh").write_text(PLAYED)
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("SSH_SAW", str(tmp_path / "saw"))
    monkeypatch.setenv("SSH_ROUTES", "")
    return tmp_path / "saw"


def processes_with(word):
    """Command lines of all processes that name it."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return [line for line in lines if word in line]


@contextlib.contextmanager
def relayed(proxy, keys):
    relay = Relay(proxy.server_address[1])
    try:
        with Inquiries(admin_keys(keys) if keys else None, endpoint=relay.endpoint) as inquiries:
            yield inquiries
    finally:
        relay.close()


def test_all_connections_go_through_the_proxy(inside, keys):
    with Proxy(inside.routes) as proxy, relayed(proxy, keys) as inquiries:
        mesh = find_all(inquiries, ["10.99.0.0:7101"], 5.0)
        assert mesh.workers == {f"host/{i}": f"10.99.0.{i}:7101" for i in range(3)}
        assert set(proxy.served) == set(inside.routes)


def test_who_does_not_answer_behind_it_is_told_so(inside, keys):
    with Proxy(inside.routes) as proxy, relayed(proxy, keys) as inquiries:
        inquiries.add("10.99.0.7:7101", "status", timeout=20.0)
        (outcome,) = inquiries
        assert outcome.error.startswith("10.99.0.7:7101 does not answer through the tunnel: no worker is running there")


def test_a_proxy_that_goes_away_ends_nothing_but_connections(inside, keys):
    """libzmq's own SOCKS client would abort the process."""
    with Proxy(inside.routes) as proxy, relayed(proxy, keys) as inquiries:
        assert find_all(inquiries, ["10.99.0.0:7101"], 5.0).workers
        proxy.routes.clear()
        proxy.hang_up()
        inquiries.add("10.99.0.0:7101", "status", timeout=2.0)
        (outcome,) = inquiries
        assert "10.99.0.0:7101 " in outcome.error
        proxy.routes.update(inside.routes)
        inquiries.add("10.99.0.0:7101", "status", timeout=20.0)
        (outcome,) = inquiries
        assert outcome.result["tick"] == 7


def test_a_large_answer_comes_whole(inside, keys):
    inside.nodes[0].export = lambda which: bytes(2 << 20)
    with Proxy(inside.routes) as proxy, relayed(proxy, keys) as inquiries:
        inquiries.add("10.99.0.0:7101", "export", {"which": "front"}, timeout=30.0)
        (outcome,) = inquiries
        assert outcome.result["bytes"] == 2 << 20
        assert len(outcome.result["record"]) > 2 << 20


def test_a_command_opens_the_tunnel_and_ends_it(inside, keys, played, tmp_path, monkeypatch):
    monkeypatch.setenv("SSH_ROUTES", " ".join(f"{private}={real}" for private, real in inside.routes.items()))
    config = tmp_path / "config"
    config.touch()
    words = ["--via", "vcloud-0", "--ssh-config", config, "--address", "10.99.0.1:7101", *(["--keys", keys] if keys else [])]
    result = vmesh(tmp_path, "admin", "status", "--all", *words)
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["worker", "host/0", "host/1", "host/2"]
    saw = played.read_text()
    assert f"-F {config}" in saw and saw.endswith("-- vcloud-0\n") and "-N -D 127.0.0.1:" in saw
    assert not processes_with("10.99.0.1:7101=")


def test_a_console_through_the_tunnel(inside, keys, played, tmp_path, monkeypatch):
    """Ctrl-C drops a line, and not the tunnel."""
    monkeypatch.setenv("SSH_ROUTES", " ".join(f"{private}={real}" for private, real in inside.routes.items()))
    words = ["10.99.0.0:7101", "--via", "vcloud-0", *(["--keys", str(keys)] if keys else [])]
    console = terminal(monkeypatch, tmp_path, "console", *words)
    console.read_until("host/0>")
    console.type("nonsense\x03")
    console.type("status --all\r")
    console.read_until("host/2")
    console.seen = console.seen.rpartition(b"host/2")[2]  # the prompt may be among it already
    console.read_until("host/0>")
    console.type("\x04")
    assert console.finish()[0] == 0
    assert not processes_with("10.99.0.1:7101=")


def test_a_command_that_is_killed_takes_ssh_with_it(inside, keys, played, tmp_path, monkeypatch):
    if keys is not None:
        pytest.skip("once is enough")
    monkeypatch.setenv("SSH_ROUTES", " ".join(f"{private}={real}" for private, real in inside.routes.items()))
    process = start(tmp_path, "admin", "advance", "1000", "--timeout", "1h", "--via", "x", "--address", "10.99.0.0:7101")
    until(lambda: inside.nodes[0].advancing)
    process.kill()
    process.communicate()
    until(lambda: not processes_with("10.99.0.1:7101="))


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ("ssh: Could not resolve hostname x: Name or service not known", "is closed: ssh: Could not resolve hostname x"),
        ("admin@10.0.0.1: Permission denied (publickey).", "load the key into ssh-agent"),
        ("@ WARNING @\nHost key verification failed.", "is it another machine?"),
        ("bind: Address already in use", "bind: Address already in use"),
    ],
)
def test_what_ssh_says_is_one_line(played, tmp_path, monkeypatch, says, message):
    monkeypatch.setenv("SSH_SAYS", says)
    result = vmesh(tmp_path, "admin", "status", "--via", "x", "--address", "10.99.0.1:7101")
    (line,) = result.stderr.splitlines()
    assert result.returncode == 1
    assert line.startswith("vmesh: the ssh tunnel through x is closed: ") and message in line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--via", "x"], "--via needs a worker's admin address"),
        (["--via=-oProxyCommand=touch", "--address", "10.0.0.1:7101"], "is no host; write --via HOST"),
        (["--via", "x", "--ssh-config", "/no/such/file", "--address", "10.0.0.1:7101"], "there is no such ssh config"),
    ],
)
def test_what_is_wrong_is_told_before_ssh_is_started(played, tmp_path, words, message):
    result = vmesh(tmp_path, "admin", "status", *words)
    assert result.returncode in (1, 2)
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not played.exists()


def test_without_ssh(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AdminError, match="there is no ssh on this machine; install openssh-client"), tunnel("x"):
        pass


def test_an_ssh_that_opens_nothing_is_given_up(played, monkeypatch):
    monkeypatch.setattr(tunnel_module, "LONGEST", 0.3)
    monkeypatch.setattr(tunnel_module, "GREETING", b"")  # so that nothing answers
    with pytest.raises(AdminError, match="did not open a tunnel within"), tunnel("x"):
        pass


@pytest.fixture
def sshd(tmp_path):
    """A server for this user, and the ssh config that leads there."""
    if SSHD is None or shutil.which("ssh-keygen") is None:
        pytest.skip("needs openssh-server")
    for name in ("host", "mine", "strange"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copy(tmp_path / "mine.pub", tmp_path / "authorized")
    (tmp_path / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/authorized\n"
        f"StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n"
    )
    for name, key in (("config", "mine"), ("strange_config", "strange")):
        (tmp_path / name).write_text(
            f"Host inside\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n  IdentityFile {tmp_path}/{key}\n"
            f"  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile {tmp_path}/known\n"
            f"  StrictHostKeyChecking accept-new\n"
        )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it confines itself
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", tmp_path / "sshd_config"], stderr=subprocess.DEVNULL)
    until(lambda: listens(port))
    yield tmp_path / "config"
    server.terminate()
    server.wait()


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_real_ssh(sshd, inside, keys, tmp_path):
    """Workers on loopback as seen from the host that ssh leads to, which is this one."""
    proof = ["--keys", keys] if keys else []
    for node, real in zip(inside.nodes, inside.addresses, strict=True):
        node.admin, node.known = real, [(f"host/{i}", address) for i, address in enumerate(inside.addresses)]
    words = ["--via", "inside", "--ssh-config", sshd, *proof]
    result = vmesh(tmp_path, "admin", "status", "--all", *words, "--address", inside.addresses[0])
    assert (result.returncode, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) == 4
    nobody = vmesh(tmp_path, "admin", "status", *words, "--address", "127.0.0.1:1")
    assert nobody.returncode == 1
    assert "does not answer through the tunnel" in nobody.stderr
    assert not processes_with(f"-F {sshd}")


def test_a_real_ssh_that_refuses(sshd, inside, keys, tmp_path):
    if keys is not None:
        pytest.skip("once is enough")
    config = sshd.with_name("strange_config")
    result = vmesh(tmp_path, "admin", "status", "--via", "inside", "--ssh-config", config, "--address", inside.addresses[0])
    assert result.returncode == 1
    assert "Permission denied (publickey" in result.stderr
    unknown = vmesh(tmp_path, "admin", "status", "--via", "nowhere.invalid", "--ssh-config", sshd, "--address", inside.addresses[0])
    assert "Could not resolve hostname nowhere.invalid" in unknown.stderr


def test_a_tunnel_that_breaks_is_told(sshd):
    with tunnel("inside", sshd) as way:
        os.killpg(way._ssh.pid, signal.SIGTERM)
        way._ssh.wait()
        with pytest.raises(AdminError, match="the ssh tunnel through inside is closed"):
            way.check()
