"""Growing, shrinking, replacing and ending, and launches that AWS refuses in part: nothing is bought twice or lost."""

import json

import pytest

from tests.vmesh.cloud.ec2 import parameters, template
from vgp.errors import InputError
from vmesh.cloud import fleet
from vmesh.cloud.aws import CloudError


@pytest.fixture
def account(ec2):
    template(ec2)
    return ec2


def nodes(ec2, count, **changes):
    return fleet.module(parameters(ec2, count=str(count), **changes), False)


def alive(ec2):
    pages = ec2.client("ec2").get_paginator("describe_instances").paginate()
    rows = [row for page in pages for group in page["Reservations"] for row in group["Instances"]]
    return [row for row in rows if row["State"]["Name"] not in ("shutting-down", "terminated")]


def indexes(answer):
    return [node["index"] for node in answer["nodes"]]


def in_zone(account, zone):
    return next(row["subnet"] for row in parameters(account)["subnets"] if row["zone"] == zone)


def test_the_number_asked_for_is_there_and_asking_again_changes_nothing(account):
    first = nodes(account, 8)
    assert first["changed"] and indexes(first) == list(range(8)) and first["added"] == list(range(8))
    assert {node["state"] for node in first["nodes"]} == {"running"}
    assert all(node["public_hostname"].startswith("ec2-") for node in first["nodes"])
    assert [node["name"] for node in first["nodes"]][:2] == ["c-0", "c-1"]
    assert len({node["zone"] for node in first["nodes"]}) == 6, "spread over all zones"
    second = nodes(account, 8)
    assert not second["changed"] and second["nodes"] == first["nodes"]
    assert second["calls"] == {"DescribeInstances": 1}


def test_growing_keeps_what_is_there_and_shrinking_ends_the_highest(account):
    two = nodes(account, 2)
    four = nodes(account, 4)
    assert four["nodes"][:2] == two["nodes"] and four["added"] == [2, 3]
    three = nodes(account, 3)
    assert indexes(three) == [0, 1, 2] and [one["index"] for one in three["removed"]] == [3]
    assert three["nodes"] == four["nodes"][:3]
    assert len(alive(account)) == 3


def test_a_dead_node_is_replaced_under_its_index(account):
    before = nodes(account, 4)["nodes"]
    account.client("ec2").terminate_instances(InstanceIds=[before[1]["instance"]])
    account.client("ec2").stop_instances(InstanceIds=[before[2]["instance"]])
    after = nodes(account, 4)
    assert after["added"] == [1, 2] and indexes(after) == [0, 1, 2, 3]
    assert after["nodes"][0] == before[0] and after["nodes"][1]["instance"] != before[1]["instance"]
    assert [one["instance"] for one in after["removed"]] == [before[2]["instance"]], "a stopped one would still be paid for"


def test_every_instance_and_disk_bears_its_tags_from_the_launch_on(account):
    account.rules()
    nodes(account, 3, market="spot", disk=33)
    assert "CreateTags" not in account.calls()
    for call in account.calls("RunInstances"):
        assert {call["TagSpecification.1.ResourceType"], call["TagSpecification.2.ResourceType"]} == {"instance", "volume"}
        assert call["InstanceMarketOptions.MarketType"] == "spot"
        assert call["LaunchTemplate.LaunchTemplateName"] == "c-node"
        assert call["BlockDeviceMapping.1.Ebs.Encrypted"] == "true"
        assert call["BlockDeviceMapping.1.Ebs.DeleteOnTermination"] == "true"
        assert (call["BlockDeviceMapping.1.DeviceName"], call["BlockDeviceMapping.1.Ebs.VolumeSize"]) == ("/dev/xvda", "33")
    for row in alive(account):
        tags = {tag["Key"]: tag["Value"] for tag in row["Tags"]}
        assert (tags["vcloud-cluster"], tags["vcloud-role"], tags["Name"]) == ("c", "node", "c-node")


def test_on_demand_is_asked_for_without_market_options(account):
    nodes(account, 1)
    assert not any(key.startswith("InstanceMarketOptions") for key in account.calls("RunInstances")[0])


def test_a_zone_without_capacity_is_passed_over(account):
    account.rules({"action": "RunInstances", "match": {"SubnetId": in_zone(account, "us-east-1b")}, "free": 0, **NO_CAPACITY})
    answer = nodes(account, 12)
    assert indexes(answer) == list(range(12))
    assert "us-east-1b" not in {node["zone"] for node in answer["nodes"]}


def test_what_a_zone_has_left_is_taken(account):
    sites = parameters(account)["subnets"][:2]
    account.rules({"action": "RunInstances", "match": {"SubnetId": sites[0]["subnet"]}, "free": 2, **NO_CAPACITY})
    answer = nodes(account, 8, subnets=sites)
    assert indexes(answer) == list(range(8))
    assert [node["zone"] for node in answer["nodes"]].count(sites[0]["zone"]) == 2


def test_without_capacity_anywhere_the_next_type_is_taken(account):
    account.rules({"action": "RunInstances", "match": {"InstanceType": "c7i.large"}, "free": 0, **NO_CAPACITY})
    answer = nodes(account, 4, types=["c7i.large", "c6i.large"])
    assert {node["type"] for node in answer["nodes"]} == {"c6i.large"} and indexes(answer) == [0, 1, 2, 3]


def test_a_type_that_a_zone_does_not_know_is_asked_for_elsewhere(account):
    match = {"SubnetId": in_zone(account, "us-east-1a")}
    account.rules({"action": "RunInstances", "match": match, "times": 99, "code": "Unsupported"})
    assert indexes(nodes(account, 6)) == list(range(6))
    tries = [call for call in account.calls("RunInstances") if call["SubnetId"] == match["SubnetId"]]
    assert len(tries) == 1, "fewer would not be supported either"


def test_fewer_than_asked_for_is_a_failure_that_can_be_resumed(account):
    account.rules({"action": "RunInstances", "free": 3, **NO_CAPACITY})
    with pytest.raises(CloudError) as caught:
        nodes(account, 5)
    text = str(caught.value)
    assert text.startswith("3 of 5 nodes are there (missing: 3-4): AWS has no capacity for c7i.large in us-east-1")
    assert "-e nodes=3" in text and "terminate.yml" in text and "\n" not in text
    assert [node["index"] for node in caught.value.facts["nodes"]] == [0, 1, 2]
    account.rules()
    assert nodes(account, 5)["added"] == [3, 4]
    assert len(alive(account)) == 5


@pytest.mark.parametrize("code", ["VcpuLimitExceeded", "MaxSpotInstanceCountExceeded", "InstanceLimitExceeded"])
def test_a_quota_ends_the_launch_and_says_so(account, code):
    nodes(account, 2)
    account.rules({"action": "RunInstances", "times": 99, "code": code})
    told = rf"2 of 4 nodes are there \(missing: 2-3\): the account's quota of .* \({code}\); ask for more"
    with pytest.raises(CloudError, match=told):
        nodes(account, 4)
    assert len(account.calls("RunInstances")) == 1, "a quota holds in every zone"
    assert len(alive(account)) == 2


def test_throttling_is_waited_for(account, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.aws.time.sleep", lambda seconds: None)
    account.rules(
        {"action": "RunInstances", "times": 3, "code": "RequestLimitExceeded", "http": 503},
        {"action": "DescribeInstances", "times": 2, "code": "Throttling"},
    )
    assert indexes(nodes(account, 2)) == [0, 1]
    assert len(alive(account)) == 2


def test_a_profile_that_ec2_does_not_know_yet_is_waited_for(account, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.aws.time.sleep", lambda seconds: None)
    told = "Value (c-node) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
    account.rules({"action": "RunInstances", "times": 3, "code": "InvalidParameterValue", "message": told})
    assert indexes(nodes(account, 1)) == [0]


def test_endless_throttling_is_one_sentence(account, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.aws.time.sleep", lambda seconds: None)
    account.rules({"action": "DescribeInstances", "times": 99, "code": "RequestLimitExceeded", "http": 503})
    with pytest.raises(CloudError, match=r"^cannot list the cluster's instances: AWS is asked too often"):
        nodes(account, 2)


def test_a_list_of_several_pages_is_whole_though_one_is_throttled(account, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.aws.time.sleep", lambda seconds: None)
    monkeypatch.setattr("vmesh.cloud.instances.PAGE", 5)
    monkeypatch.setattr("vmesh.cloud.launch.A_CALL", 1)  # moto's pages count launches, not instances
    nodes(account, 12)
    account.rules()
    assert not nodes(account, 12)["changed"] and len(account.calls("DescribeInstances")) == 3
    token = account.calls("DescribeInstances")[1]["NextToken"]
    account.rules({"action": "DescribeInstances", "match": {"NextToken": token}, "times": 2, "code": "RequestLimitExceeded"})
    assert not nodes(account, 12)["changed"] and len(account.calls("DescribeInstances")) == 5


def test_expired_credentials_are_one_sentence(account):
    account.rules({"action": "DescribeInstances", "times": 99, "code": "RequestExpired"})
    with pytest.raises(CloudError, match=r"the AWS credentials have expired; sign in again .*, then run the same command again$"):
        nodes(account, 2)


def test_credentials_that_expire_during_the_launch_leave_what_runs_tagged(account):
    sites = parameters(account)["subnets"][:2]
    account.rules({"action": "RunInstances", "match": {"SubnetId": sites[1]["subnet"]}, "times": 99, "code": "ExpiredToken"})
    with pytest.raises(CloudError, match=r"^2 of 4 nodes are there \(missing: 2-3\): .*credentials have expired.*terminate.yml$"):
        nodes(account, 4, subnets=sites)
    account.rules()
    assert nodes(account, 4, subnets=sites)["added"] == [2, 3]


def test_a_launch_whose_answer_was_lost_launches_once(account, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.aws.time.sleep", lambda seconds: None)
    account.rules({"action": "RunInstances", "after": True, "times": 2, "code": "InternalError", "http": 500})
    assert indexes(nodes(account, 2)) == [0, 1]
    assert len(alive(account)) == 2
    tokens = [call["ClientToken"] for call in account.calls("RunInstances")]
    assert len(tokens) > len(set(tokens)) == 2


def test_an_interrupted_launch_that_ec2_does_not_list_yet_is_not_launched_again(account, monkeypatch):
    nodes(account, 3)
    everything, times = fleet.listed, iter([[]])
    monkeypatch.setattr(fleet, "listed", lambda *args: next(times, None) or everything(*args))
    assert indexes(nodes(account, 3)) == [0, 1, 2]
    assert len(alive(account)) == 3


def test_the_same_nodes_are_launched_again_after_their_end(account):
    first = nodes(account, 2)
    fleet.module(parameters(account, state="absent"), False)
    second = nodes(account, 2)
    assert second["added"] == [0, 1] and not {n["instance"] for n in first["nodes"]} & {n["instance"] for n in second["nodes"]}


def test_the_same_nodes_are_launched_again_when_nobody_remembers_the_first(account, monkeypatch):
    """AWS forgets ended instances after an hour, but not their tokens."""
    nodes(account, 2)
    fleet.module(parameters(account, state="absent"), False)
    everything = fleet.listed
    monkeypatch.setattr(fleet, "listed", lambda *args: [one for one in everything(*args) if one.state != "terminated"])
    assert indexes(nodes(account, 2)) == [0, 1]
    assert len(alive(account)) == 2


def test_a_development_server_is_one_and_no_node(account):
    template(account, "d", "devserver")
    server = nodes(account, 1, cluster="d", role="devserver", template="d-devserver")
    assert [(one["index"], one["name"]) for one in server["nodes"]] == [(None, "d-devserver")]
    assert not nodes(account, 1, cluster="d", role="devserver", template="d-devserver")["changed"]
    assert nodes(account, 2, cluster="d", template="d-devserver")["added"] == [0, 1]
    ended = fleet.module(parameters(account, cluster="d", state="absent", role="devserver"), False)
    assert [one["role"] for one in ended["removed"]] == ["devserver"] and len(alive(account)) == 2


def test_absent_ends_nodes_and_servers_of_this_cluster_alone_and_proves_it(account):
    template(account, "d")
    nodes(account, 3)
    nodes(account, 2, cluster="d", template="d-node")
    nodes(account, 1, role="devserver")
    account.client("ec2").stop_instances(InstanceIds=[nodes(account, 3)["nodes"][0]["instance"]])
    ended = fleet.module(parameters(account, state="absent"), False)
    assert ended["changed"] and len(ended["removed"]) == 4
    assert len(alive(account)) == 2
    assert not fleet.module(parameters(account, state="absent"), False)["changed"]


def test_protected_instances_are_not_called_ended(account):
    nodes(account, 2)
    account.rules({"action": "TerminateInstances", "times": 99, "code": "OperationNotPermitted", "message": "i-1 is protected."})
    with pytest.raises(CloudError, match=r"i-1 is protected \(OperationNotPermitted\); switch off the termination protection"):
        fleet.module(parameters(account, state="absent"), False)


def test_an_end_that_aws_does_not_carry_out_is_no_proof(account, monkeypatch):
    nodes(account, 2)
    monkeypatch.setattr("vmesh.cloud.terminate.end", lambda cloud, instances: None)
    with pytest.raises(CloudError, match=r"^2 instances of c are still running after 0 s \(i-.*console$"):
        fleet.module(parameters(account, state="absent", timeout=0), False)


def test_check_mode_tells_and_does_nothing(account):
    nodes(account, 2)
    account.rules()
    grown = fleet.module(parameters(account, count="4"), True)
    assert grown["changed"] and grown["added"] == [2, 3]
    assert [one["index"] for one in fleet.module(parameters(account, count="1"), True)["removed"]] == [1]
    assert len(fleet.module(parameters(account, state="absent"), True)["removed"]) == 2
    assert set(account.calls()) <= {"DescribeInstances", "DescribeSubnets"} and len(alive(account)) == 2


@pytest.mark.parametrize("count", ["0", "-1", "2.5", "x", "", "1e3", " ", "None", "99999999"])
def test_a_wrong_number_buys_nothing(account, count):
    with pytest.raises(InputError, match=r"^count is "):
        nodes(account, count)
    assert account.calls("RunInstances") == []


def test_facts_are_json(account):
    assert json.loads(json.dumps(nodes(account, 1)))["nodes"][0]["lifecycle"] == "on-demand"


NO_CAPACITY = {"code": "InsufficientInstanceCapacity", "http": 500, "message": "We have no sufficient capacity."}
