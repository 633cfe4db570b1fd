"""The base images: built once, kept in the cache, and never half: a build that was interrupted is begun again.

An image is a stack of read-only folders, the topmost first. A host's own files lie in a folder above them.

    seed        our units, scripts and settings, made in a moment; another content is another folder
    devserver   compilers and headers, for the development server alone
    node        debootstrap's minimal system with what a cloud image has, and the users admin and ubuntu
"""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tools.local_cloud.apt import Mirror, mirror
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State, lock

IMAGES = ("node", "devserver")
# no compiler and no ensurepip, as on Debian's images for EC2; no session manager either: it only slows each ssh login down
NODE = (
    *("systemd", "systemd-sysv", "dbus", "udev", "openssh-server", "sudo", "python3", "python3-apt", "ca-certificates", "curl"),
    *("iproute2", "iputils-ping", "netbase", "procps", "less", "locales", "tzdata"),
)
DEVSERVER = ("g++", "make", "python3-dev", "python3-venv", "git")
SEED = Path(__file__).with_name("seed")
# Runs in the new system: users as on the images, no host keys (each host makes its own), a journal that outlives a reboot,
# and none of the units that wait for devices or consoles which containers do not have.
FINISH_NODE = """
set -eu
for user in admin ubuntu; do
  useradd --create-home --shell /bin/bash "$user"
  passwd --quiet --lock "$user"
  echo "$user ALL=(ALL) NOPASSWD:ALL" > "/etc/sudoers.d/90-$user"
  chmod 440 "/etc/sudoers.d/90-$user"
done
rm -f /etc/ssh/ssh_host_* /etc/machine-id /etc/hostname /etc/resolv.conf /var/lib/dbus/machine-id
mkdir -p /var/log/journal
systemctl mask --quiet console-getty.service getty.target systemd-udevd.service systemd-udevd-kernel.socket \\
  systemd-udevd-control.socket systemd-udev-trigger.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \\
  e2scrub_all.timer e2scrub_reap.service fstrim.timer man-db.timer systemd-logind.service
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /debootstrap
"""
FINISH_DEVSERVER = "rm -rf /var/cache/apt/archives/*.deb /var/cache/apt/*.bin /var/lib/apt/lists/* /etc/resolv.conf"
Progress = Callable[[str], None]


def layers(state: State, image: str, progress: Progress) -> list[Path]:
    """The folders of an image, topmost first; builds what is missing."""
    if image not in IMAGES:
        raise LocalCloudError(f"no image is called {image}; there are: {', '.join(IMAGES)}")
    source = mirror()
    node = once(state.cache, key("node", source.suite, *NODE, FINISH_NODE), lambda to: build_node(to, source, progress))
    stack = [node]
    if image == "devserver":
        name = key("devserver", node.name, *DEVSERVER, FINISH_DEVSERVER)
        stack.insert(0, once(state.cache, name, lambda to: build_devserver(to, node, progress)))
    stack.insert(0, once(state.cache, key("seed", *seed_contents()), build_seed))
    return stack


def key(name: str, *contents: str) -> str:
    """A folder's name that another content would not have."""
    architecture = os.uname().machine
    return f"{name}-{architecture}-{hashlib.sha256(chr(10).join(contents).encode()).hexdigest()[:12]}"


def once(cache: Path, name: str, build: Callable[[Path], None]) -> Path:
    """The folder of that name, built into another one first: what has the right name is whole."""
    made = cache / name
    if made.exists():
        return made
    cache.mkdir(parents=True, exist_ok=True)
    part = cache / f"{name}.part"
    with lock(cache / "lock"):
        if not made.exists():
            shutil.rmtree(part, ignore_errors=True)  # of a build that was interrupted
            build(part)
            part.rename(made)
    return made


def build_node(target: Path, source: Mirror, progress: Progress) -> None:
    progress(f"building the base image (once, about a minute): {source.suite} from {source.address}")
    words = ("debootstrap", "--variant=minbase", f"--include={','.join(NODE)}", source.suite, str(target), source.address)
    followed(words, progress)
    progress("finishing the base image")
    followed(("chroot", str(target), "sh", "-c", FINISH_NODE), progress)


def build_devserver(target: Path, node: Path, progress: Progress) -> None:
    progress(f"building the development server's image (once, about a minute): {' '.join(DEVSERVER)}")
    work, root = target.with_name(f"{target.name}.work"), target.with_name(f"{target.name}.root")
    for folder in (target, work, root):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    install = f"apt-get -q -o APT::Sandbox::User=root {{}} {' '.join(DEVSERVER)}"
    script = f"""
set -eu
mount -t overlay overlay -o lowerdir={node},upperdir={target},workdir={work} {root}
mount --bind /dev {root}/dev
mount -t proc proc {root}/proc
cp /etc/resolv.conf {root}/etc/resolv.conf
export DEBIAN_FRONTEND=noninteractive
chroot {root} apt-get -q update
chroot {root} {install.format("install --yes --no-install-recommends")}
chroot {root} sh -c '{FINISH_DEVSERVER}'
"""
    followed(("sh", "-c", script), progress)
    for folder in (work, root):
        shutil.rmtree(folder, ignore_errors=True)


def seed_contents() -> list[str]:
    return [f"{path.name}\n{path.read_text()}" for path in sorted(SEED.iterdir())]


def build_seed(target: Path) -> None:
    """Put the seed's files where they belong, and switch its unit on."""
    places = {"init": "usr/local/sbin", "user-data": "usr/local/sbin", "user-data.service": "etc/systemd/system"}
    places |= {"sshd.conf": "etc/ssh/sshd_config.d", "journald.conf": "etc/systemd/journald.conf.d"}
    for name, place in places.items():
        path = target / place / f"{'' if '.conf' in name else 'local-cloud-'}{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((SEED / name).read_text())
        path.chmod(0o755 if "sbin" in place else 0o644)
    wanted = target / "etc/systemd/system/multi-user.target.wants"
    wanted.mkdir()
    (wanted / "local-cloud-user-data.service").symlink_to("../local-cloud-user-data.service")


def followed(words: tuple[str, ...], progress: Progress, each: float = 5.0) -> None:
    """Run a long command, telling how far it is; in a mount namespace of its own, so that it leaves no mount however it ends."""
    command = ("unshare", "--mount", "--propagation", "slave", "--", *words)
    environment = os.environ | {"LC_ALL": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    lines: list[str] = []
    told = time.monotonic()
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, **streams, env=environment, start_new_session=True) as process:
        try:
            for line in process.stdout or ():
                lines.append(line.strip())
                if time.monotonic() - told > each:
                    told = time.monotonic()
                    progress(f"{len(lines)} steps, now: {line.strip()[:90]}")
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # mounts end with their namespace; what was built is thrown away the next time
            raise
    if process.returncode:
        raise LocalCloudError(f"{words[0]} failed: {' | '.join(line for line in lines[-3:] if line)}")
