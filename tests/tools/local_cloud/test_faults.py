"""A fault befalls the calls that its rule names, as often as it says, and the log tells what was called."""

import pytest

from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.faults import Call, Faults, rules_from

RUN = Call("ec2", "RunInstances", {"InstanceType": "c7i.large", "MaxCount": "4"})


def faults(*rules):
    made = Faults()
    made.add(rules_from(list(rules)))
    return made


def test_a_rule_befalls_once_unless_it_says_more():
    made = faults({"action": "RunInstances", "code": "X"})
    assert made.next_for(RUN).code == "X"
    assert made.next_for(RUN) is None


def test_a_rule_can_befall_several_times_or_for_ever():
    made = faults({"action": "RunInstances", "code": "X", "times": 3})
    assert [made.next_for(RUN) is not None for _ in range(4)] == [True, True, True, False]
    made = faults({"action": "RunInstances", "code": "X", "times": None})
    assert all(made.next_for(RUN) for _ in range(50))


def test_rules_are_asked_in_their_order():
    made = faults({"action": "RunInstances", "code": "first"}, {"action": "RunInstances", "code": "second"})
    assert [made.next_for(RUN).code for _ in range(2)] == ["first", "second"]


@pytest.mark.parametrize("action", ["RunInstances", "ec2:RunInstances", "ec2:*", "*"])
def test_the_service_may_be_named(action):
    assert faults({"action": action}).next_for(RUN)


@pytest.mark.parametrize("action", ["TerminateInstances", "s3:RunInstances", "s3:*", "Run"])
def test_other_calls_are_spared(action):
    assert faults({"action": action}).next_for(RUN) is None


def test_parameters_choose():
    assert faults({"action": "RunInstances", "match": {"InstanceType": "c7i.*"}}).next_for(RUN)
    assert faults({"action": "RunInstances", "match": {"InstanceType": "c7i.*", "MaxCount": "4"}}).next_for(RUN)
    assert faults({"action": "RunInstances", "match": {"MaxCount": 4}}).next_for(RUN)
    assert faults({"action": "RunInstances", "match": {"InstanceType": "m7i.*"}}).next_for(RUN) is None
    assert faults({"action": "RunInstances", "match": {"SubnetId": "*"}}).next_for(RUN) is None


@pytest.mark.parametrize("value", [{}, {"code": "X"}, {"action": 1}, {"action": "X", "tims": 2}, "RunInstances", [1], None])
def test_what_is_no_rule_is_refused_whole(value):
    with pytest.raises(LocalCloudError, match="a fault is an object"):
        rules_from([{"action": "good"}, value] if not isinstance(value, list) else value)


def test_cleared_rules_befall_nobody():
    made = faults({"action": "*", "times": None})
    made.clear()
    assert made.next_for(RUN) is None
    assert made.rules() == []


def test_calls_are_counted_by_action():
    made = Faults()
    for _ in range(3):
        made.record(RUN, "200 OK", 0.1, "127.0.0.1")
    made.record(Call("s3", "GetObject", {}), "404 NOT FOUND", 0.1, "172.31.0.4")
    answer = made.calls(reset=True)
    assert answer["total"] == 4
    assert answer["counts"] == {"ec2:RunInstances": 3, "s3:GetObject": 1}
    assert answer["log"][-1] | {"time": 0, "seconds": 0} == {
        **{"service": "s3", "action": "GetObject", "status": 404, "source": "172.31.0.4", "time": 0, "seconds": 0}
    }
    assert made.calls()["total"] == 0
