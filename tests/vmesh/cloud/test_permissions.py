"""Roles and profiles are made, corrected, left alone and removed."""

import json

import pytest

from tests.vmesh.cloud.ec2 import REGION
from vgp.errors import InputError
from vmesh.cloud import permissions

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}


def run(check=False, **changes):
    usual = {"cluster": "c", "region": REGION, "state": "present", "policies": {"node": json.dumps(POLICY)}}
    return permissions.module(usual | changes, check)


def test_made_once(ec2):
    assert run(check=True)["written"] == ["role c-node", "policy of c-node", "profile c-node"]
    assert run()["written"] == ["role c-node", "policy of c-node", "profile c-node"]
    assert not run()["changed"]
    profile = ec2.client("iam").get_instance_profile(InstanceProfileName="c-node")["InstanceProfile"]
    assert [role["RoleName"] for role in profile["Roles"]] == ["c-node"]


def test_what_somebody_changed_is_put_right(ec2):
    run()
    iam = ec2.client("iam")
    other = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="c-node", PolicyName="buckets", PolicyDocument=json.dumps(other))
    trust = json.dumps(permissions.TRUST).replace("ec2", "lambda")
    iam.update_assume_role_policy(RoleName="c-node", PolicyDocument=trust)
    assert run()["written"] == ["role c-node", "policy of c-node"]
    assert iam.get_role_policy(RoleName="c-node", PolicyName="buckets")["PolicyDocument"] == POLICY
    iam.remove_role_from_instance_profile(InstanceProfileName="c-node", RoleName="c-node")
    assert run()["written"] == ["profile c-node"]


def test_removed(ec2):
    run()
    assert run(state="absent")["written"] == ["profile c-node", "role c-node"]
    assert not run(state="absent")["changed"]
    assert ec2.client("iam").list_roles()["Roles"] == []


def test_a_policy_that_is_no_json(ec2):
    with pytest.raises(InputError, match="the policy of node is no JSON"):
        run(policies={"node": "{"})
