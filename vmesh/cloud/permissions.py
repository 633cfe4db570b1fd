"""What instances of a cluster may do: an IAM role with one policy and an instance profile for each kind (cluster_permissions).

amazon.aws.iam_role would do it too, with two deprecation warnings of its own at every run and six processes instead of one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vgp.errors import InputError
from vmesh.cloud.aws import Cloud, CloudError
from vmesh.cloud.instances import CLUSTER

POLICY = "buckets"  # name of the one policy of a role
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def module(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """What the module cluster_permissions returns for its parameters. Raises InputError, CloudError."""
    cloud = Cloud(params["region"])
    changed = []
    for role, policy in sorted(params["policies"].items()):
        keeper = Keeper(cloud, params["cluster"], f"{params['cluster']}-{role}", check)
        changed += keeper.remove() if params["state"] == "absent" else keeper.keep(parsed(role, policy))
    return {"changed": bool(changed), "written": changed, "calls": dict(cloud.calls)}


def parsed(role: str, policy: Any) -> Any:
    """A policy as JSON text, or as Ansible has read it. Raises InputError."""
    try:
        return json.loads(policy) if isinstance(policy, str) else policy
    except ValueError as error:
        raise InputError(f"the policy of {role} is no JSON: {error}; correct it") from None


class Keeper:
    """Makes, corrects or removes one role and what belongs to it; tells what it changed."""

    def __init__(self, cloud: Cloud, cluster: str, name: str, check: bool) -> None:
        self.cloud, self.cluster, self.name, self.check = cloud, cluster, name, check

    def keep(self, policy: Any) -> list[str]:
        """Has the role, with this policy and no other, and the profile."""
        written = self.keep_role() + self.keep_policy(policy)
        return written + self.keep_profile()

    def keep_role(self) -> list[str]:
        role = self.found("get_role", RoleName=self.name)
        if role is None:
            self.change("create_role", RoleName=self.name, AssumeRolePolicyDocument=json.dumps(TRUST), **self.tags())
        elif role["Role"]["AssumeRolePolicyDocument"] != TRUST:
            self.change("update_assume_role_policy", RoleName=self.name, PolicyDocument=json.dumps(TRUST))
        else:
            return []
        return [f"role {self.name}"]

    def keep_policy(self, policy: Any) -> list[str]:
        before = self.found("get_role_policy", RoleName=self.name, PolicyName=POLICY)
        if before is not None and before["PolicyDocument"] == policy:
            return []
        self.change("put_role_policy", RoleName=self.name, PolicyName=POLICY, PolicyDocument=json.dumps(policy))
        return [f"policy of {self.name}"]

    def keep_profile(self) -> list[str]:
        profile = self.found("get_instance_profile", InstanceProfileName=self.name)
        names = [role["RoleName"] for role in profile["InstanceProfile"]["Roles"]] if profile else []
        if profile is None:
            self.change("create_instance_profile", InstanceProfileName=self.name, **self.tags())
        if self.name in names:
            return []
        for other in names:  # it holds one role
            self.change("remove_role_from_instance_profile", InstanceProfileName=self.name, RoleName=other)
        self.change("add_role_to_instance_profile", InstanceProfileName=self.name, RoleName=self.name)
        return [f"profile {self.name}"]

    def remove(self) -> list[str]:
        """Takes it all away."""
        written = []
        profile = self.found("get_instance_profile", InstanceProfileName=self.name)
        if profile is not None:
            for role in profile["InstanceProfile"]["Roles"]:
                self.change("remove_role_from_instance_profile", InstanceProfileName=self.name, RoleName=role["RoleName"])
            self.change("delete_instance_profile", InstanceProfileName=self.name)
            written.append(f"profile {self.name}")
        if self.found("get_role", RoleName=self.name) is not None:
            if self.found("get_role_policy", RoleName=self.name, PolicyName=POLICY) is not None:
                self.change("delete_role_policy", RoleName=self.name, PolicyName=POLICY)
            self.change("delete_role", RoleName=self.name)
            written.append(f"role {self.name}")
        return written

    def found(self, operation: str, **parameters: Any) -> Any:
        """What IAM answers; None if there is no such thing."""
        try:
            return self.cloud.call("iam", operation, f"look at the permissions of {self.name}", **parameters)
        except CloudError as error:
            if error.code == "NoSuchEntity":
                return None
            raise

    def change(self, operation: str, **parameters: Any) -> None:
        """Writes, but not in check mode."""
        if not self.check:
            self.cloud.call("iam", operation, f"change the permissions of {self.name}", **parameters)

    def tags(self) -> dict[str, Any]:
        return {"Tags": [{"Key": CLUSTER, "Value": self.cluster}]}
