"""A cluster as its user has it: playbooks typed at the project's root, and what can be seen from outside."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECAP = re.compile(r"^localhost\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.M)


@dataclass(frozen=True)
class Played:
    """What a playbook printed, and its recap of the admin machine."""

    status: int
    output: str
    seconds: float

    @property
    def changed(self) -> int:
        return int(RECAP.search(self.output)[2])


@dataclass
class Cluster:
    """One cluster of provider=local with a state folder, results and names of its own."""

    folder: Path
    name: str
    extra: dict = field(default_factory=dict)

    @property
    def environment(self):
        own = {"VCLOUD_LOCAL": str(self.folder / "local"), "ANSIBLE_NOCOLOR": "1", "PYTHONPATH": str(ROOT)}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {name: text for name, text in os.environ.items() if not name.startswith("AWS_")} | own | {"PATH": path}

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def command(self, playbook, extra):
        values = {"provider": "local", "cluster_name": self.name, "cluster_results": str(self.results)} | self.extra | extra
        return [str(Path(sys.executable).with_name("ansible-playbook")), f"{playbook}.yml", "-e", json.dumps(values)]

    def start(self, playbook, **extra) -> subprocess.Popen:
        """A playbook in a process group of its own, whose output goes to a file."""
        with open(self.folder / f"{playbook}.log", "wb") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
            command = self.command(playbook, extra)
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True, **streams)

    def play(self, playbook, fails=False, timeout=900, **extra) -> Played:
        begun = time.monotonic()
        process = self.start(playbook, **extra)
        try:
            status = process.wait(timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        played = Played(status, (self.folder / f"{playbook}.log").read_text(), time.monotonic() - begun)
        assert bool(played.status) == fails, played.output
        return played

    def local(self, *arguments, check=True, timeout=120) -> str:
        """`python tools/local_cloud ...` with this cluster's state folder."""
        command = [sys.executable, str(ROOT / "tools" / "local_cloud"), *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ssh(self, host, *command, timeout=60) -> str:
        """What a command on a node prints, by the ssh_config that launch.yml wrote."""
        line = ["ssh", "-F", str(self.results / "ssh_config"), host, *command]
        done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=timeout, env=self.environment, cwd=ROOT)
        return done.stdout

    def api(self, service):
        """A boto3 client of the local cloud, as its administrator."""
        import boto3

        told = json.loads(self.local("status", "--brief"))
        keys = told["credentials"]
        return boto3.client(
            service, endpoint_url=told["endpoint"], region_name=told["region"],
            aws_access_key_id=keys["access_key_id"], aws_secret_access_key=keys["secret_access_key"],
        )

    def publish(self, bundle: Path) -> None:
        """What devserver.yml does at its end."""
        account = self.api("sts").get_caller_identity()["Account"]
        environment = self.environment | json.loads(self.local("status"))["environment"]
        bucket = f"{self.name}-{account}-deploy"
        command = [sys.executable, str(ROOT / "tools" / "bundle"), "upload", str(bundle / "bundle.tar"), "--bucket", bucket]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=120)

    def instances(self, role="node") -> list[dict]:
        """Those of this cluster that cost money, the nodes by index."""
        wanted = [
            {"Name": "tag:vcloud-cluster", "Values": [self.name]},
            {"Name": "tag:vcloud-role", "Values": [role]},
            {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
        ]
        pages = self.api("ec2").get_paginator("describe_instances").paginate(Filters=wanted)
        return [one for page in pages for reservation in page["Reservations"] for one in reservation["Instances"]]

    def admin(self, *words) -> str:
        """`vmesh admin ...` through ssh to the first node."""
        keys, config = self.results / "keys", self.results / "ssh_config"
        first = self.instances()[0]["PrivateIpAddress"]
        command = [sys.executable, "-m", "vmesh", "admin", *words, "--via", f"{self.name}-0", "--ssh-config", str(config)]
        command += ["--keys", str(keys), "--address", f"{first}:7101"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def wait_for_copies(self, workers: int, seconds: float = 60) -> None:
        """Until that many workers have a checkpoint in the data bucket."""
        s3, bucket = self.api("s3"), next(name for name in self.buckets() if name.endswith("-data"))
        deadline = time.monotonic() + seconds
        while len(folders := self.copies(s3, bucket)) < workers:
            assert time.monotonic() < deadline, folders
            time.sleep(0.5)

    def copies(self, s3, bucket) -> set[str]:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=f"clusters/{self.name}/checkpoints/").get("Contents", ())
        return {row["Key"].rsplit("/", 1)[0] for row in found}

    def buckets(self) -> list[str]:
        return [bucket["Name"] for bucket in self.api("s3").list_buckets()["Buckets"]]

    def tag(self) -> str:
        """What the names of this cloud's namespaces, mounts and control groups have in common."""
        return json.loads(self.local("status", "--brief"))["namespace"]

    def leftovers(self, tag: str) -> list[str]:
        """What the machine still has of a cloud that was ended."""
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        groups = [str(path) for path in Path("/sys/fs/cgroup").glob(f"*/{tag}*")]
        spaces = [str(path) for path in Path("/run/netns").glob(f"{tag}*")]
        return [mount for mount in mounts if str(self.folder) in mount] + groups + spaces + processes_of(self.folder)

    def status(self) -> dict:
        """What status.yml says, as a program reads it."""
        output = self.play("status", json=True).output
        return json.loads(next(line for line in output.splitlines() if line.lstrip().startswith("{") and '"nodes"' in line))


def built_bundle(folder: Path) -> Path:
    """The deploy bundle of this checkout in that folder, from the modules that are compiled in it."""
    command = [sys.executable, str(ROOT / "tools" / "bundle"), "build", "--as-compiled", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=600)
    return folder


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder: of a cloud's daemon and its hosts."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and "pytest" not in line:
            found.append(line)
    return found
