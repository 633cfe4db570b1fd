"""setup.yml, launch.yml and terminate.yml as a user types them, against EC2 on loopback: no node boots, nothing is waited for."""

import fnmatch
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vmesh.cloud import ec2 as servers
from tests.vmesh.cloud.test_preflight import bundle_in

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("ansible-playbook")
DEPLOY, DATA, CODE = (f"vcloud-{servers.ACCOUNT}-{kind}" for kind in ("deploy", "data", "code"))

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not PROGRAM.exists() or not shutil.which("ssh-keygen"), reason="ansible is not installed"),
]


class Project:
    """Somebody at the top of the project, with an account that is empty."""

    def __init__(self, ec2, folder):
        yaml = pytest.importorskip("yaml")
        providers = yaml.safe_load((ROOT / "group_vars/all/providers.yml").read_text())["cluster_providers"]
        providers["aws"]["tls"] = False  # moto takes the bucket's policy for everybody
        self.ec2, self.results = ec2, folder / "results"
        self.variables = {
            **{"cluster_region": servers.REGION, "cluster_results": str(self.results), "cluster_providers": providers},
            **{"cluster_key": f"{self.results}/id_ed25519", "cluster_admin_addresses": ["203.0.113.7/32"]},
            **{"cluster_instance_types": ["c7i.large", "c6i.large"], "cluster_launch_timeout": 0},
        }
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_", "VCLOUD_"))}
        self.environment = {**plain, **ec2.environment, "PYTHONPATH": str(ROOT), "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}

    def run(self, playbook, *words, succeeds=True):
        """What it prints."""
        command = [PROGRAM, playbook, "-e", json.dumps(self.variables), *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
        assert "DEPRECATION" not in done.stdout + done.stderr
        return done.stdout

    def alive(self):
        pages = self.ec2.client("ec2").get_paginator("describe_instances").paginate()
        rows = [row for page in pages for group in page["Reservations"] for row in group["Instances"]]
        return [row for row in rows if row["State"]["Name"] not in ("shutting-down", "terminated")]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with servers.serving() as ec2:
        made = Project(ec2, tmp_path_factory.mktemp("project"))
        assert "run ansible-playbook setup.yml first" in made.run("launch.yml", "-e", "nodes=2", succeeds=False)
        assert "changed=0" not in made.run("setup.yml")
        yield made


def permits(policy, action, resource, prefix=None):
    """Whether a policy of ours allows it, as AWS reads what stands in such a one."""
    for statement in policy["Statement"]:
        listed = {key: [statement[key]] if isinstance(statement[key], str) else statement[key] for key in ("Action", "Resource")}
        conditions = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", [])
        fits = action in listed["Action"] and any(fnmatch.fnmatchcase(resource, pattern) for pattern in listed["Resource"])
        if fits and (not conditions or (prefix is not None and any(fnmatch.fnmatchcase(prefix, one) for one in conditions))):
            assert statement["Effect"] == "Allow"
            return True
    return False


def policy_of(project, role):
    return project.ec2.client("iam").get_role_policy(RoleName=f"vcloud-{role}", PolicyName="buckets")["PolicyDocument"]


def test_setup_makes_what_is_private_and_a_second_run_changes_nothing(project):
    assert "changed=0 " in project.run("setup.yml")
    s3, ec2 = project.ec2.client("s3"), project.ec2.client("ec2")
    for bucket in (CODE, DEPLOY, DATA):
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
        (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 3
    groups = {row["GroupName"]: row for row in ec2.describe_security_groups()["SecurityGroups"]}
    node, server = (groups[f"vcloud-{role}"]["IpPermissions"] for role in ("node", "devserver"))
    ssh = [rule for rule in node if rule["FromPort"] == 22]
    assert [[address["CidrIp"] for address in rule["IpRanges"]] for rule in ssh] == [["203.0.113.7/32"]]
    (mesh,) = [rule for rule in node if rule["FromPort"] != 22]
    assert not mesh["IpRanges"] and [pair["GroupId"] for pair in mesh["UserIdGroupPairs"]] == [groups["vcloud-node"]["GroupId"]]
    assert [(rule["FromPort"], rule["ToPort"]) for rule in server] == [(22, 22)]


def test_instances_begin_with_tokens_for_their_metadata_and_end_when_they_power_off(project):
    for role in ("node", "devserver"):
        versions = project.ec2.client("ec2").describe_launch_template_versions(LaunchTemplateName=f"vcloud-{role}")
        data = versions["LaunchTemplateVersions"][-1]["LaunchTemplateData"]
        metadata = data["MetadataOptions"]
        assert (metadata["HttpTokens"], metadata["HttpPutResponseHopLimit"]) == ("required", 1)
        assert metadata["InstanceMetadataTags"] == "enabled"
        assert data["InstanceInitiatedShutdownBehavior"] == "terminate"
        assert data["IamInstanceProfile"]["Arn"].endswith(f"instance-profile/vcloud-{role}")


def test_a_node_reads_the_bundle_and_writes_below_its_own_prefixes_only(project):
    node, own = policy_of(project, "node"), "clusters/vcloud"
    deploy, data, code = (f"arn:aws:s3:::{bucket}" for bucket in (DEPLOY, DATA, CODE))
    for resource in (f"{deploy}/bundles/a/b.tar", f"{deploy}/{own}/keys.tar", f"{data}/tables/t.csv", f"{data}/{own}/nodes/1"):
        assert permits(node, "s3:GetObject", resource), resource
    for folder in ("nodes", "checkpoints", "logs"):
        assert permits(node, "s3:PutObject", f"{data}/{own}/{folder}/x")
    assert permits(node, "s3:DeleteObject", f"{data}/{own}/checkpoints/x")
    assert permits(node, "s3:ListBucket", data, f"{own}/nodes/") and permits(node, "s3:ListBucket", deploy, "bundles/a/")
    refused = [
        *(("s3:GetObject", resource) for resource in (f"{code}/sources/s", f"{deploy}/clusters/other/keys.tar", f"{data}/x")),
        *(("s3:PutObject", f"{deploy}/{key}") for key in ("bundles/a", f"{own}/cluster.json", f"{own}/keys.tar")),
        *(("s3:PutObject", f"{data}/{key}") for key in ("tables/t", "clusters/other/nodes/1", f"{own}/x")),
        *(("s3:DeleteObject", f"{data}/{key}") for key in (f"{own}/nodes/1", f"{own}/logs/1", "tables/t")),
        *((action, f"{data}/x") for action in ("s3:PutBucketPolicy", "s3:DeleteBucket", "s3:DeleteObjectVersion")),
    ]
    assert not [pair for pair in refused if permits(node, *pair)]
    assert not permits(node, "s3:ListBucket", data) and not permits(node, "s3:ListBucket", data, "clusters/other/")


def test_a_development_server_reads_sources_and_writes_bundles_only(project):
    server = policy_of(project, "devserver")
    deploy, data, code = (f"arn:aws:s3:::{bucket}" for bucket in (DEPLOY, DATA, CODE))
    assert permits(server, "s3:GetObject", f"{code}/sources/s") and permits(server, "s3:PutObject", f"{deploy}/bundles/b")
    for action, resource in (("s3:PutObject", f"{code}/sources/s"), ("s3:GetObject", f"{deploy}/clusters/vcloud/keys.tar")):
        assert not permits(server, action, resource)
    assert not permits(server, "s3:GetObject", f"{data}/tables/t") and not permits(server, "s3:PutObject", f"{deploy}/clusters/x")


def test_a_wrong_number_of_nodes_buys_nothing(project):
    told = project.run("launch.yml", "-e", "nodes=2.5", succeeds=False)
    assert "give a whole number of at least 1" in told and "Traceback" not in told
    assert not project.alive()


def test_launch_grow_shrink_and_end(project):
    bundle_in(project.ec2, DEPLOY)
    told = project.run("launch.yml", "-e", "nodes=2")
    assert told.count(".compute-1.amazonaws.com") >= 2
    tags = [{tag["Key"]: tag["Value"] for tag in row["Tags"]} for row in project.alive()]
    assert [(one["vcloud-cluster"], one["vcloud-role"]) for one in tags] == [("vcloud", "node")] * 2
    keys = [row["Key"] for row in project.ec2.client("s3").list_objects_v2(Bucket=DEPLOY)["Contents"]]
    assert {"clusters/vcloud/cluster.json", "clusters/vcloud/keys.tar"} <= set(keys)
    assert (project.results / "keys/admin.key").exists() and (project.results / "ssh_config").exists()
    assert "changed=0 " in project.run("launch.yml", "-e", "nodes=2")
    first = {row["InstanceId"] for row in project.alive()}
    project.run("launch.yml", "-e", "nodes=4")
    assert first < {row["InstanceId"] for row in project.alive()} and len(project.alive()) == 4
    project.run("launch.yml", "-e", "nodes=3")
    assert first < {row["InstanceId"] for row in project.alive()} and len(project.alive()) == 3
    assert "3 instances ended; nothing of vcloud runs" in project.run("terminate.yml")
    assert not project.alive()
    assert "changed=0 " in project.run("terminate.yml")


def test_a_launch_that_got_fewer_says_so_and_can_be_ended(project):
    bundle_in(project.ec2, DEPLOY)
    project.ec2.rules({"action": "RunInstances", "times": 99, "code": "VcpuLimitExceeded", "match": {"MaxCount": "1"}})
    try:
        told = project.run("launch.yml", "-e", "nodes=3", succeeds=False)
    finally:
        project.ec2.rules()
    assert "none of 3 nodes is there" in told and "the account's quota of vCPUs is reached" in told
    assert not project.alive()


def test_nothing_is_left_when_the_buckets_go_too(project):
    bundle_in(project.ec2, DEPLOY)
    project.run("launch.yml", "-e", "nodes=1")
    project.run("terminate.yml", "-e", "buckets=delete")
    ec2, iam = project.ec2.client("ec2"), project.ec2.client("iam")
    assert not project.alive() and project.ec2.client("s3").list_buckets()["Buckets"] == []
    assert [row["GroupName"] for row in ec2.describe_security_groups()["SecurityGroups"]] == ["default"]
    assert ec2.describe_launch_templates()["LaunchTemplates"] == ec2.describe_key_pairs()["KeyPairs"] == []
    assert iam.list_roles()["Roles"] == iam.list_instance_profiles()["InstanceProfiles"] == []
