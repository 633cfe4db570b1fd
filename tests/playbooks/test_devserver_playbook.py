"""devserver.yml as a user types it, against EC2 on loopback where no machine answers: what is launched, told and ended."""

import hashlib
import json
import shutil

import pytest

from tests.playbooks.test_fleet_playbooks import CODE, DEPLOY, PROGRAM, ROOT, Project
from tests.vmesh.cloud import ec2 as servers
from tests.vmesh.cloud.bundles import manifest
from vgp.errors import InputError
from vmesh.cloud.bundle import Current
from vmesh.cloud.source import from_checkout

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not PROGRAM.exists() or not shutil.which("ssh-keygen"), reason="ansible is not installed"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    try:
        from_checkout(ROOT)
    except InputError as error:
        pytest.skip(str(error))
    with servers.serving() as ec2:
        made = Project(ec2, tmp_path_factory.mktemp("project"))
        made.variables |= {"devserver_boot_timeout": 3}
        made.run("setup.yml")
        yield made


def keys(project, bucket):
    return [row["Key"] for row in project.ec2.client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]


def servers_of(project):
    return [row["InstanceId"] for row in project.alive() if {"Key": "vcloud-role", "Value": "devserver"} in row["Tags"]]


def test_a_dry_run_and_one_that_is_not_to_build_launch_and_upload_nothing(project):
    for words in (["--check"], ["-e", "rebuild=false"]):
        output = project.run("devserver.yml", *words)
        assert "nothing was built" in output
    assert keys(project, CODE) == [] and servers_of(project) == []


def test_a_server_that_does_not_answer_is_named_and_the_next_run_takes_the_same(project):
    source = from_checkout(ROOT)
    for _ in range(2):
        output = project.run("devserver.yml", succeeds=False)
        (instance,) = servers_of(project)
        assert f"{instance} goes on and is paid for until it is ended: ansible-playbook terminate.yml" in output
        assert "Wait until it boots and takes connections: timed out" in output
        assert "No bundle was made current" in output
    assert keys(project, CODE) == [source.key]
    assert keys(project, DEPLOY) == []


def test_who_does_not_want_to_keep_it_pays_for_nothing_after_a_failure(project):
    output = project.run("devserver.yml", "-e", "keep=false", succeeds=False)
    assert "The development server was ended." in output
    assert servers_of(project) == []


def test_where_the_bundle_of_this_source_is_current_nothing_is_launched(project):
    source = from_checkout(ROOT)
    record = Current(manifest(version=source.version, source=source.sha256), 1000, hashlib.sha256().hexdigest())
    s3 = project.ec2.client("s3")
    s3.put_object(Bucket=DEPLOY, Key=record.key, Body=record.text())
    assert f"this source was built before: {record.manifest.id}" in project.run("devserver.yml", "-e", "keep=false")
    assert "changed=0 " in project.run("devserver.yml")
    assert servers_of(project) == []
    assert json.loads(s3.get_object(Bucket=DEPLOY, Key=record.key)["Body"].read())["source"] == source.sha256
    assert "goes on and is paid for" in project.run("devserver.yml", "-e", "rebuild=true", succeeds=False)
    assert "ssh -F" in project.run("devserver.yml"), "the server that is there is told of"
    assert len(servers_of(project)) == 1
    project.run("devserver.yml", "-e", "rebuild=false", "-e", "keep=false")
    assert servers_of(project) == []
