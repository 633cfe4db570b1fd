"""Before anything is bought: each thing that is wrong is one sentence that says what to do, and nothing is changed."""

import shutil
from pathlib import Path

import pytest

from tests.vmesh.cloud.ec2 import ACCOUNT, PUBLIC_KEY, REGION, ROOT
from vgp.errors import VgpError
from vmesh.cloud import preflight
from vmesh.cloud.bundle import Current, Manifest

BUCKETS = {kind: f"c-{ACCOUNT}-{kind}" for kind in ("code", "deploy", "data")}
READING = ("Get", "Describe", "List", "HEAD /", "GET /")


def params(**changes):
    usual = {
        **{"cluster": "c", "region": REGION, "stage": "launch", "bucket_prefix": "", "nodes": "2", "max_hours": "24"},
        **{"image": "debian12", "image_user": "", "types": ["c7i.large"], "market": "on-demand", "vpc": "", "subnets": []},
        **{"data": "", "target": "", "columns": "", "drop": [], "tables": [], "key": "", "root": str(ROOT)},
    }
    return usual | changes


def bundle(account, arch="x86_64", python="cp311"):
    return bundle_in(account, BUCKETS["deploy"], arch, python)


def bundle_in(account, bucket, arch="x86_64", python="cp311"):
    """The record of a bundle that nobody has built."""
    manifest = Manifest("0.2.0", "ab" * 32, arch, python, "2.34", ("avx2",), (), ())
    current = Current(manifest, 10, "cd" * 32)
    account.client("s3").put_object(Bucket=bucket, Key=current.key, Body=current.text())
    return manifest.id


def set_up(account):
    for name in BUCKETS.values():
        account.client("s3").create_bucket(Bucket=name)
    client = account.client("ec2")
    client.import_key_pair(KeyName="c", PublicKeyMaterial=PUBLIC_KEY.encode())
    group = client.create_security_group(GroupName="c-node", Description="d")["GroupId"]
    data = {"KeyName": "c", "SecurityGroupIds": [group]}
    for role in ("node", "devserver"):
        client.create_launch_template(LaunchTemplateName=f"c-{role}", LaunchTemplateData=data)
    return group


@pytest.fixture
def account(ec2):
    ec2.group = set_up(ec2)
    bundle(ec2)
    ec2.rules()
    return ec2


def passed(**changes):
    return preflight.module(params(**changes), True)


def refusal(**changes):
    with pytest.raises(VgpError) as caught:
        preflight.module(params(**changes), True)
    text = str(caught.value)
    assert "\n" not in text and len(text) < 400
    return text


def test_what_it_finds_is_what_a_launch_needs(account):
    facts = passed(types=["c7i.large", "c6i.large"])
    assert facts["account"] == ACCOUNT and facts["buckets"] == BUCKETS and facts["nodes"] == 2
    assert (facts["image"], facts["root_device"], facts["user"]) == ("ami-00000000000d12002", "/dev/xvda", "admin")
    assert (facts["arch"], facts["instance_type"], facts["vcpus"]) == ("x86_64", "c7i.large", 2)
    assert facts["types"] == ["c7i.large", "c6i.large"] and facts["template"] == "c-node"
    zones = [row["zone"] for row in facts["subnets"]]
    assert len(zones) == len(set(zones)) > 1
    assert facts["bundle"]["id"] == "0.2.0-abababababab-x86_64-cp311" and facts["bundle"]["sha256"] == "cd" * 32
    assert (facts["data"], facts["target"]) == (str(ROOT / "examples/planets.csv"), "orbital_period_days")
    assert not facts["changed"]
    assert all(call.startswith(READING) for call in account.calls())


def test_graviton_and_ubuntu_are_found_by_owner_and_name(account):
    bundle(account, "aarch64")
    assert passed(types=["c7g.large"])["image"] == "ami-00000000000d12003"
    bundle(account, "aarch64", "cp312")
    facts = passed(types=["c7g.large"], image="ubuntu24.04")
    assert (facts["image"], facts["root_device"], facts["user"], facts["arch"]) == (
        *("ami-00000000000f24002", "/dev/sda1", "ubuntu"),
        "aarch64",
    )


def test_an_image_by_its_id(account):
    assert passed(image="ami-00000000000d12001", image_user="admin")["user"] == "admin"
    assert refusal(image="ami-00000000000d12001").startswith("who logs in on ami-00000000000d12001?")
    assert "for arm64 and the instance type for x86_64" in refusal(image="ami-00000000000d12003", image_user="admin")
    assert refusal(image="ami-0123456789abcdef0", image_user="admin").startswith("there is no image ami-0123456789abcdef0")


@pytest.mark.parametrize("nodes", ["0", "-1", "2.5", "x", ""])
def test_wrong_numbers_of_nodes_ask_nobody(account, nodes):
    assert refusal(nodes=nodes).startswith("nodes is ")
    assert account.calls() == []


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"max_hours": "0"}, "max_hours is '0'; give a number of hours above 0"),
        ({"cluster": "Vcloud"}, "cluster_name is 'Vcloud'; take at most 25 lower-case letters"),
        ({"cluster": "-c"}, "cluster_name is '-c'"),
        ({"region": "eu-central-9"}, "there is no region 'eu-central-9'; set cluster_region"),
        ({"image": "debian"}, "cluster_image is 'debian'; take debian12 or ubuntu24.04"),
        ({"bucket_prefix": "My_Bucket"}, "cluster_bucket_prefix is 'My_Bucket'"),
        ({"types": []}, "no instance type is given; set cluster_instance_types"),
        ({"types": ["c9x.huge"]}, f"there is no instance type c9x.huge in {REGION}; change cluster_instance_types"),
        ({"types": ["c7i.large", "c9x.huge"]}, "there is no instance type c9x.huge"),
        ({"types": ["c7i.large", "c7g.large"]}, "c7i.large is for x86_64 and c7g.large for arm64; cluster_instance_types must"),
        ({"types": ["c7g.large"]}, "there is no bundle for aarch64 (c7g.large) yet; run ansible-playbook devserver.yml first"),
        ({"image": "ubuntu24.04"}, "the bundle is for Python 3.11 and Ubuntu 24.04 has 3.12; build one on that image"),
        ({"subnets": ["subnet-0123"]}, f"a subnet of cluster_subnets is not in {REGION}: subnet-0123; correct it"),
        ({"vpc": "vpc-0123"}, "the network vpc-0123 has no subnet that gives public addresses; set cluster_subnets"),
        ({"data": "/nowhere.csv", "target": "y"}, "there is no table /nowhere.csv; give data as a file or as s3://bucket/key"),
        ({"data": str(ROOT), "target": "y"}, f"{ROOT} is no table; give one file that ends in .csv"),
        ({"data": str(ROOT / "examples/planets.csv")}, "which column of "),
        ({"target": "y"}, "target is 'y', but which table has that column? add -e data=FILE"),
        ({"data": "s3://elsewhere/t.csv", "target": "y"}, "nodes may not read s3://elsewhere/t.csv; name its place in "),
        ({"data": f"s3://{BUCKETS['data']}/tables/t.csv", "target": "y"}, f"there is no object s3://{BUCKETS['data']}/tables/t.csv"),
        ({"data": f"s3://{BUCKETS['data']}/tables/", "target": "y"}, "there is no table right below s3://"),
    ],
)
def test_what_is_wrong_is_said(account, changes, begins):
    assert refusal(**changes).startswith(begins)


def test_a_column_that_the_table_does_not_have_is_named(account):
    text = refusal(data=str(ROOT / "examples/planets.csv"), target="orbital_periods_days")
    assert "has no column 'orbital_periods_days'" in text and "orbital_period_days" in text


def test_without_setup_it_says_so(ec2):
    assert refusal() == f"there is no bucket {BUCKETS['code']}; run ansible-playbook setup.yml first"
    set_up(ec2)
    assert refusal().startswith("there is no bundle for x86_64")


def test_what_was_removed_since_setup_is_missed(account):
    client = account.client("ec2")
    client.delete_key_pair(KeyName="c")
    assert refusal() == f"the ssh key c is not in region {REGION}; run ansible-playbook setup.yml first"
    client.import_key_pair(KeyName="c", PublicKeyMaterial=PUBLIC_KEY.encode())
    client.delete_security_group(GroupId=account.group)
    assert refusal() == f"the security group {account.group} is not in region {REGION}; run ansible-playbook setup.yml first"
    client.delete_launch_template(LaunchTemplateName="c-node")
    assert refusal() == "there is no launch template c-node; run ansible-playbook setup.yml first"


def test_somebody_elses_bucket(account):
    account.rules({"action": f"HEAD /{BUCKETS['deploy']}", "code": "403", "http": 403})
    assert refusal() == f"the bucket {BUCKETS['deploy']} is somebody else's or closed to you; set cluster_bucket_prefix to another"


def test_without_credentials(account, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    assert refusal().startswith("cannot tell whose the AWS credentials are: Unable to locate credentials; set AWS_PROFILE")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert "profile (mine) could not be found; set AWS_PROFILE" in refusal()


def test_expired_and_unknown_credentials(account):
    account.rules({"action": "GetCallerIdentity", "code": "ExpiredToken", "http": 403})
    assert "the AWS credentials have expired; sign in again" in refusal()
    account.rules({"action": "GetCallerIdentity", "code": "InvalidClientTokenId", "http": 403})
    assert "AWS does not know the credentials (InvalidClientTokenId); set AWS_PROFILE" in refusal()
    account.rules({"action": "DescribeImages", "code": "UnauthorizedOperation", "http": 403, "message": "Not you."})
    assert refusal() == "cannot find images of Debian 12: your credentials do not permit it (Not you); ask for that permission"


def test_no_network(account, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.aws.time.sleep", lambda seconds: None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "AWS is not reached" in refusal() and "check network and region" in refusal()


def test_a_zone_that_does_not_offer_the_type_gets_none(account):
    facts = passed(types=["c7i.large", "a1.large"][:1])
    offered = account.client("ec2").describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["c7i.large"]}]
    )["InstanceTypeOfferings"]
    assert {row["zone"] for row in facts["subnets"]} == {row["Location"] for row in offered}


def test_setup_asks_for_a_key_and_needs_no_buckets(ec2, tmp_path):
    assert refusal(stage="setup", key=str(tmp_path / "id.pub")).startswith(f"the public key {tmp_path}/id.pub cannot be read")
    (tmp_path / "id.pub").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert "holds no public key of the kind ed25519 or rsa" in refusal(stage="setup", key=str(tmp_path / "id.pub"))
    (tmp_path / "id.pub").write_text(PUBLIC_KEY)
    facts = passed(stage="setup", key=str(tmp_path / "id.pub"))
    assert facts["buckets"] == BUCKETS and facts["vpc"].startswith("vpc-")


def test_terminate_needs_nothing_but_credentials(ec2):
    assert passed(stage="terminate", nodes="x", types=[])["buckets"] == BUCKETS


def test_a_development_server_needs_no_bundle(ec2):
    set_up(ec2)
    facts = passed(stage="devserver", nodes="x")
    assert facts["template"] == "c-devserver" and "bundle" not in facts


def test_tables_in_opened_places(account, tmp_path):
    client = account.client("s3")
    client.create_bucket(Bucket="mine")
    client.put_object(Bucket="mine", Key="a/t.csv", Body=b"x,y\n1,2\n")
    for opened in ("s3://mine/a", "s3://mine/a/", "s3://mine/a/t.csv"):
        assert passed(data="s3://mine/a/t.csv", target="y", tables=[opened])["data"] == "s3://mine/a/t.csv"
    assert passed(data="s3://mine/a/", target="y", tables=["s3://mine/a/"])["data"] == "s3://mine/a/"
    assert refusal(data="s3://mine/ab/t.csv", target="y", tables=["s3://mine/a"]).startswith("nodes may not read")


def test_large_tables_are_left_to_the_nodes(account, tmp_path, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.tables.READ_WHOLE", 10)
    shutil.copy(ROOT / "examples/planets.csv", tmp_path)
    assert passed(data=str(Path(tmp_path, "planets.csv")), target="nothing")["target"] == "nothing"
