"""Instances are real hosts: they boot, hear who they are, run their user-data, end, and leave nothing behind."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.tools.local_cloud.clouds import Cloud, cloud, eventually, make_profile, needs_hosts
from tools.local_cloud import cgroups, network, state

pytestmark = [needs_hosts, pytest.mark.long]
SCRIPT = "#!/bin/sh\necho user-data of $(hostname)\necho ran >> /root/ran\n"
ASK = """
base=http://169.254.169.254/latest
token=$(curl -sf -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" $base/api/token)
curl -s -o /dev/null -w "%{http_code} " $base/meta-data/instance-id
for path in instance-id ami-launch-index placement/region local-ipv4 tags/instance/vcloud-role iam/security-credentials/ ; do
  curl -sf -H "X-aws-ec2-metadata-token: $token" $base/meta-data/$path; echo -n " "
done
"""
CREDENTIALS = """
base=http://169.254.169.254/latest
token=$(curl -sf -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" $base/api/token)
curl -sf -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/node
"""


class Hosts(Cloud):
    """A cloud with a key pair, a role, and instances by the order of their launch."""

    def launch(self, count: int, **more) -> list[dict]:
        values = {
            "ImageId": self.facts["images"]["debian12"],
            "InstanceType": "m7i.large",
            "KeyName": "key",
            "IamInstanceProfile": {"Name": "node"},
            "MetadataOptions": {"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "vcloud-role", "Value": "node"}]}],
            "InstanceInitiatedShutdownBehavior": "terminate",
            "UserData": SCRIPT,
        }
        return self.client("ec2").run_instances(MinCount=count, MaxCount=count, **values | more)["Instances"]

    def state_of(self, instance: str) -> str:
        found = self.client("ec2").describe_instances(InstanceIds=[instance])
        return found["Reservations"][0]["Instances"][0]["State"]["Name"]

    def becomes(self, instance: str, wanted: str) -> None:
        eventually(lambda: self.state_of(instance) == wanted, f"{instance} is {wanted}")

    def remains(self) -> list[str]:
        """What of this cloud is still on this machine, outside of its folder."""
        tag = state.State(self.folder, self.folder).tag
        found = [name for name in (path.name for path in network.NAMESPACES.glob("*")) if name.startswith(tag)]
        found += cgroups.names(tag)
        found += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(self.folder) in line]
        return found + subprocess.run(("pgrep", "-f", str(self.folder)), capture_output=True, text=True, check=False).stdout.split()


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hosts")
    with cloud(folder, "--enforce-iam") as made:
        hosts = Hosts(folder)
        hosts.facts = made.facts
        subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "id_ed25519"), check=True)
        key = (folder / "id_ed25519.pub").read_bytes()
        hosts.client("ec2").import_key_pair(KeyName="key", PublicKeyMaterial=key)
        make_profile(hosts, "node", [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::deploy/*"}])
        yield hosts
    assert not hosts.remains()
    assert not list((folder / "hosts").iterdir())


@pytest.fixture(scope="module")
def two(up):
    return up.launch(2)


def test_each_hears_who_it_is_and_only_with_a_token(up, two):
    for index, each in enumerate(two):
        address = each["PrivateIpAddress"]
        assert up.answer(address, ASK).split() == ["401", each["InstanceId"], str(index), "us-east-1", address, "node", "node"]


def test_user_data_ran_and_said_so_in_the_journal_and_in_the_file(up, two):
    address = two[0]["PrivateIpAddress"]
    eventually(lambda: "ran" in up.ssh(address, "sudo cat /root/ran").stdout, "user-data ran")
    expected = f"user-data of ip-{address.replace('.', '-')}"
    assert expected in up.answer(address, "sudo cat /var/log/cloud-init-output.log")
    assert expected in up.answer(address, "sudo journalctl -u local-cloud-user-data")
    assert "Multi-User System" in up.client("ec2").get_console_output(InstanceId=two[0]["InstanceId"])["Output"]


def test_hosts_are_whole_systems_that_reach_each_other_and_nothing_else(up, two):
    first, second = (each["PrivateIpAddress"] for each in two)
    eventually(lambda: up.ssh(first, "systemctl is-system-running").stdout.strip() == "running", "the host has booted")
    assert up.answer(first, f"ping -c1 -W2 {second} >/dev/null && echo reached") == "reached"
    assert "unreachable" in up.ssh(first, "ping -c1 -W2 192.0.2.1").stderr
    assert up.answer(first, "sudo systemd-run -q --wait --pipe -p MemoryMax=64M -p TasksMax=32 echo limited") == "limited"


def test_a_node_has_no_compiler_and_makes_environments_without_pip(up, two):
    address = two[0]["PrivateIpAddress"]
    assert up.ssh(address, "command -v gcc cc g++ make pip").returncode != 0
    assert up.answer(address, "python3 -m venv --without-pip v && v/bin/python -c 'print(1)'") == "1"
    assert up.ssh(address, "python3 -c 'import ensurepip'").returncode != 0


def test_its_credentials_may_do_what_its_role_may_until_they_end(up, two):
    admin, identity = up.client("s3"), two[1]["InstanceId"]
    admin.create_bucket(Bucket="deploy")
    admin.put_object(Bucket="deploy", Key="a", Body=b"bundle")
    given = json.loads(up.answer(two[1]["PrivateIpAddress"], CREDENTIALS))
    names = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey", "aws_session_token": "Token"}
    s3 = up.client("s3", **{name: given[key] for name, key in names.items()})
    assert s3.get_object(Bucket="deploy", Key="a")["Body"].read() == b"bundle"
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.put_object(Bucket="deploy", Key="b", Body=b"")
    assert up.call("expire", identity)["expired"] == 1
    with pytest.raises(s3.exceptions.ClientError, match="ExpiredToken"):
        s3.get_object(Bucket="deploy", Key="a")


def test_a_host_that_powers_off_is_terminated(up):
    one = up.launch(1)[0]
    up.answer(one["PrivateIpAddress"], "sudo systemctl poweroff")
    up.becomes(one["InstanceId"], "terminated")
    assert not (up.folder / "hosts" / one["InstanceId"]).exists()


def test_a_stopped_host_comes_back_with_its_disk_and_user_data_does_not_run_again(up):
    one = up.launch(1)[0]
    identity, address = one["InstanceId"], one["PrivateIpAddress"]
    up.answer(address, "echo kept > kept; sync")
    up.client("ec2").stop_instances(InstanceIds=[identity])
    up.becomes(identity, "stopped")
    assert up.ssh(address, "true").returncode != 0
    up.client("ec2").start_instances(InstanceIds=[identity])
    asked = "cat kept; systemctl is-system-running --wait; sudo wc -l /root/ran"
    assert up.answer(address, asked).split() == ["kept", "running", "1", "/root/ran"]
    up.client("ec2").reboot_instances(InstanceIds=[identity])
    eventually(lambda: up.ssh(address, "sudo journalctl --list-boots -q | wc -l").stdout.strip() in ("3", "4"), "a third boot")
    assert up.answer(address, "cat kept") == "kept"
    assert up.state_of(identity) == "running"


def test_a_power_cut_stops_nothing_first(up):
    one, other = up.launch(2)
    address = one["PrivateIpAddress"]
    mark = "[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/touch /root/stopped\n"
    up.answer(address, f"printf '{mark}' | sudo tee /etc/systemd/system/mark.service; sudo systemctl start mark; sync")
    up.call("power-cut", one["InstanceId"], "--restart")
    assert up.answer(address, "sudo ls /root") == "ran"
    assert up.state_of(one["InstanceId"]) == "running"
    up.answer(other["PrivateIpAddress"], "true")
    up.call("power-cut", other["InstanceId"])
    up.becomes(other["InstanceId"], "terminated")


def test_a_spot_instance_is_told_and_then_taken(up):
    one = up.launch(1, InstanceMarketOptions={"MarketType": "spot"})[0]
    up.answer(one["PrivateIpAddress"], "true")
    notice = up.call("spot-notice", one["InstanceId"], "--seconds", "3")
    told = CREDENTIALS.replace("iam/security-credentials/node", "spot/instance-action")
    assert json.loads(up.answer(one["PrivateIpAddress"], told)) == notice
    up.becomes(one["InstanceId"], "terminated")


def test_nothing_is_left_of_a_terminated_instance(up):
    one = up.launch(1)[0]
    up.answer(one["PrivateIpAddress"], "true")
    before = up.remains()
    up.client("ec2").terminate_instances(InstanceIds=[one["InstanceId"]])
    up.becomes(one["InstanceId"], "terminated")
    assert any(one["InstanceId"] in name for name in before)
    assert not any(one["InstanceId"] in name for name in up.remains())


@pytest.mark.parametrize("command", ["up", "down"])
def test_what_a_killed_daemon_left_is_cleaned_by(command, tmp_path):
    made = Hosts(tmp_path)
    try:
        made.facts = made.call("up")
        found = made.launch(1, KeyName="", IamInstanceProfile={}, MetadataOptions={})[0]
        eventually((tmp_path / "hosts" / found["InstanceId"] / "process").exists, "a host")
        os.kill(made.facts["pid"], signal.SIGKILL)
        assert any(found["InstanceId"] in name for name in made.remains())
        made.call(command)
        assert not any(found["InstanceId"] in name for name in made.remains())
    finally:
        made.tried("down")
    assert not made.remains()
