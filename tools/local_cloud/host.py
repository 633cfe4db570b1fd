"""One host: a systemd-nspawn container with its own disk, network, control groups and systemd, all from one folder.

    hosts/NAME/  host.json   what it was made as         upper, work  its disk: what differs from the image
                 root        where the disk is mounted   console.log  what its console showed
                 process     what runs it: a shell, and nspawn below it

The disk is mounted in a mount namespace that only nspawn and the host are in: when they end, however they end, so does the mount.
"""

import os
import shutil
import signal
import subprocess
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.local_cloud import cgroups, network
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State, beginning_of, checked_host_name, read_json, same_process, write_json

WHEELS = "/var/cache/wheels"
PIP_SETTINGS = f"[global]\nno-index = true\nfind-links = {WHEELS}\ndisable-pip-version-check = true\n"
POWER_OFF = signal.SIGRTMIN + 4  # systemd's signals: +4 powers off, +5 restarts, both with all units stopped first
RESTART = signal.SIGRTMIN + 5
LANDLOCK = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"  # what nspawn's own filter leaves out
# With 133 nspawn says that the host restarts. The loop itself stays outside of the host's groups, where version 2 allows processes
# in the leaves alone.
BOOT = """
set -eu
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$HOST/upper,workdir=$HOST/work" "$HOST/root"
status=133
while [ $status = 133 ]; do
  status=0
  (for file in $GROUPS_OF_HOST; do sh -c 'echo $PPID' > "$file"; done; exec "$@") || status=$?
done
exit $status
"""
NSPAWN_REMAINS = Path("/run/systemd/nspawn/propagate")


@dataclass(frozen=True)
class Design:
    """What a host is made as. `owner`: "plain" for one made by `host up`, "instance" for one that EC2's API made."""

    name: str
    address: str
    layers: list[str]
    hostname: str = ""
    owner: str = "plain"
    user: str = "admin"
    public_keys: list[str] = field(default_factory=list)
    binds: list[str] = field(default_factory=list)  # SOURCE:TARGET, read-only
    on_ec2: bool = False


class Host:
    """A host of that name, there or not."""

    def __init__(self, state: State, name: str) -> None:
        self.state, self.name = state, checked_host_name(name)
        self.folder = state.hosts / name
        self.label = network.host_namespace(state, name)  # of its namespace, groups and machine
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def design(self) -> Design | None:
        facts = read_json(self.folder / "host.json")
        return Design(**facts) if facts else None

    @property
    def console(self) -> str:
        try:
            return (self.folder / "console.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def create(self, design: Design) -> None:
        """Make the disk with what differs between hosts, and plug the network in. Raises LocalCloudError: it is there already."""
        if self.design:
            raise LocalCloudError(f"a host {self.name} is there already; end it first with: host down {self.name}")
        self.remove()  # what a killed process may have begun
        for folder in ("upper", "work", "root"):
            (self.folder / folder).mkdir(parents=True)
        personalize(self.folder / "upper", design)
        network.plug_in(self.state, self.name, design.address)
        write_json(self.folder / "host.json", asdict(design))

    def boot(self) -> None:
        """Switch it on; returns at once. A host that was on before finds its disk as it left it."""
        design = self.design
        if design is None:
            raise LocalCloudError(f"there is no host {self.name}")
        environment = os.environ | {
            "HOST": str(self.folder),
            "LOWER": ":".join(design.layers),
            "GROUPS_OF_HOST": " ".join(map(str, cgroups.make(self.label))),
            "SYSTEMD_LOG_LEVEL": "notice",
            "SYSTEMD_NSPAWN_TMPFS_TMP": "0",  # /tmp is on the disk, as on the images for EC2
            "SYSTEMD_NSPAWN_LOCK": "0",  # its lock files outlive a power cut, and nobody else boots this folder
        }
        command = ("unshare", "--mount", "--propagation", "slave", "--", "sh", "-c", BOOT, "boot", *self.nspawn(design))
        with (self.folder / "console.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True, cwd="/"
            )
        write_json(self.folder / "process", {"pid": self.process.pid, "began": beginning_of(self.process.pid)})

    def nspawn(self, design: Design) -> tuple[str, ...]:
        options = (
            *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--console=read-only"),
            *("-D", str(self.folder / "root"), "-M", self.label, f"--hostname={design.hostname or design.name}"),
            f"--network-namespace-path={network.NAMESPACES / self.label}",
            f"--kill-signal={signal.SIGRTMIN + 4}",
            *("--capability=CAP_NET_ADMIN", f"--system-call-filter={LANDLOCK}"),
            *("--resolv-conf=off", "--timezone=off", "--link-journal=no"),
            f"--setenv=LOCAL_CLOUD_CONTROLLERS={' '.join(cgroups.mounted_by_init())}",
        )
        binds = tuple(f"--bind-ro={bind}" for bind in design.binds)
        return (*options, *binds, "/usr/local/sbin/local-cloud-init")

    def running(self) -> bool:
        """Whether it is switched on."""
        return self.process.poll() is None if self.process else self.supervisor() is not None

    def supervisor(self) -> int | None:
        """The number of the process that runs it; None: it is off."""
        facts = read_json(self.folder / "process")
        return facts["pid"] if facts and same_process(facts["pid"], facts["began"]) else None

    def pid1(self) -> int | None:
        """The number that the host's first process has on this machine."""
        generation = [self.supervisor()]
        while generation := [child for parent in generation if parent for child in children(parent)]:
            if first := next((child for child in generation if inner_number(child) == 1), None):
                return first
        return None

    def wait_until_ready(self, patience: float = 30.0) -> None:
        """Until it takes connections for ssh; raises LocalCloudError, with its console's last words, when it does not."""
        design, deadline = self.design, time.monotonic() + patience
        while design and self.supervisor() and time.monotonic() < deadline:
            try:
                with network.dial(self.state, design.address, 22, 1.0) as connection:
                    connection.settimeout(1.0)
                    if connection.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.03)
        last = " | ".join(self.console.strip().splitlines()[-3:])
        raise LocalCloudError(f"host {self.name} did not come up within {patience:g} s; its console ends with: {last}")

    def power_cut(self) -> None:
        """End it like a loss of power: nothing is stopped or written first. Its disk keeps what had been written."""
        first = self.pid1()
        if first:
            os.kill(first, signal.SIGKILL)  # and the kernel ends all others of its process namespace
        self.wait_until_off(2.0)
        cgroups.end(self.label)

    def power_off(self, patience: float = 30.0) -> None:
        """Shut it down in order; the hard way if that takes too long."""
        deadline = time.monotonic() + patience
        while self.running() and time.monotonic() < deadline:
            if first := self.pid1():
                os.kill(first, POWER_OFF)  # more than once: before its systemd is there, nobody listens
            self.wait_until_off(1.0)
        self.power_cut()

    def restart(self) -> None:
        """Shut it down in order and boot it again; returns at once."""
        first = self.pid1()
        if first:
            os.kill(first, RESTART)

    def wait_until_off(self, patience: float) -> bool:
        deadline = time.monotonic() + patience
        while self.running() and time.monotonic() < deadline:
            time.sleep(0.02)
        return not self.running()

    def remove(self) -> None:
        """End it and leave nothing of it behind."""
        cgroups.end(self.label)
        if not self.wait_until_off(2.0) and (supervisor := self.supervisor()):
            os.kill(supervisor, signal.SIGKILL)
        network.unplug(self.state, self.name)
        shutil.rmtree(NSPAWN_REMAINS / self.label, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def inside(self, *command: str) -> tuple[str, ...]:
        """The command line that runs a command in the host, as root."""
        first = self.pid1()
        if first is None:
            raise LocalCloudError(f"host {self.name} is not running")
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return ("nsenter", "-t", str(first), "-a", "--", "env", "-i", path, "HOME=/root", "LANG=C.UTF-8", *command)


def personalize(disk: Path, design: Design) -> None:
    """Write what no two hosts share: name, machine id, keys, and who may log in."""
    hostname = design.hostname or design.name
    texts = {
        "etc/hostname": f"{hostname}\n",
        "etc/hosts": f"127.0.0.1 localhost\n{design.address} {hostname}\n",
        "etc/machine-id": f"{uuid.uuid4().hex}\n",
    }
    if any(bind.endswith(f":{WHEELS}") for bind in design.binds):
        texts["etc/pip.conf"] = PIP_SETTINGS
    if design.on_ec2:
        texts["var/lib/cloud/instance/on-ec2"] = ""
    for name, text in texts.items():
        (disk / name).parent.mkdir(parents=True, exist_ok=True)
        (disk / name).write_text(text)
    make_host_key(disk / "etc/ssh")
    let_in(disk / "home" / design.user, 1000 if design.user == "admin" else 1001, design.public_keys)


def make_host_key(folder: Path) -> None:
    folder.mkdir(parents=True)
    network.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / "ssh_host_ed25519_key"))


def let_in(home: Path, number: int, public_keys: list[str]) -> None:
    """Write a user's authorized keys. A folder of the disk replaces no content of the image's, only its owner and mode."""
    keys = home / ".ssh" / "authorized_keys"
    keys.parent.mkdir(parents=True)
    keys.write_text("".join(f"{key.strip()}\n" for key in public_keys))
    keys.chmod(0o600)
    keys.parent.chmod(0o700)
    home.chmod(0o755)
    for path in (home, keys.parent, keys):
        os.chown(path, number, number)


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def inner_number(pid: int) -> int:
    """The number that a process has in the innermost process namespace that it is in."""
    try:
        line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("NSpid:"))
        return int(line.split()[-1])
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return 0


def hosts(state: State) -> list[Host]:
    return [Host(state, path.name) for path in sorted(state.hosts.glob("*")) if path.is_dir()]
