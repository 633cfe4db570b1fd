"""The metadata service answers as EC2's version 2 does: only with a token, and each instance only about itself."""

import pytest

from tools.local_cloud.metadata import Facts, Service, looked_up

TOKEN = "/latest/api/token"
TTL = "x-aws-ec2-metadata-token-ttl-seconds"
HEADER = "x-aws-ec2-metadata-token"
ME, OTHER, STRANGER = "172.31.0.4", "172.31.0.5", "172.31.0.99"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def service(clock):
    known = {
        ME: Facts(values={"meta-data/instance-id": "i-me", "user-data": "#!/bin/sh\n", "meta-data/late": lambda: "asked"}, hops=1),
        OTHER: Facts(values={"meta-data/instance-id": "i-other"}, token_required=False, hops=2),
    }
    return Service(known.get, clock)


def token(service, address=ME, seconds="60"):
    return service.answer("PUT", TOKEN, {TTL: seconds}, address)


def get(service, path, given, address=ME):
    return service.answer("GET", f"/latest/{path}", {HEADER: given} if given else {}, address)


def test_without_a_token_nothing_is_told(service):
    assert get(service, "meta-data/instance-id", None).status == 401
    assert get(service, "meta-data/instance-id", "invented").status == 401
    assert get(service, "user-data", None).status == 401


def test_with_a_token_each_hears_of_itself(service):
    assert get(service, "meta-data/instance-id", token(service).text).text == "i-me"
    assert get(service, "meta-data/instance-id", token(service, OTHER).text, OTHER).text == "i-other"


def test_a_token_is_good_only_for_who_fetched_it(service):
    assert get(service, "meta-data/instance-id", token(service, OTHER).text).status == 401


def test_a_token_ends(service, clock):
    given = token(service).text
    clock.now = 59.9
    assert get(service, "meta-data/instance-id", given).status == 200
    clock.now = 60.0
    assert get(service, "meta-data/instance-id", given).status == 401


@pytest.mark.parametrize("seconds", ["", "0", "21601", "-1", "soon", "1.5"])
def test_a_token_needs_a_time_to_live(service, seconds):
    assert token(service, seconds=seconds).status == 400


def test_a_token_is_put_not_got_and_never_through_a_proxy(service):
    assert service.answer("GET", TOKEN, {TTL: "60"}, ME).status == 405
    assert service.answer("PUT", TOKEN, {TTL: "60", "x-forwarded-for": "10.0.0.1"}, ME).status == 403


def test_a_token_travels_as_far_as_the_instance_allows(service):
    assert token(service).hops == 1
    assert token(service, OTHER).hops == 2
    assert get(service, "meta-data/instance-id", token(service).text).hops is None


def test_version_one_where_the_instance_allows_it(service):
    assert get(service, "meta-data/instance-id", None, OTHER).text == "i-other"
    assert get(service, "meta-data/instance-id", "invented", OTHER).status == 401


def test_who_is_no_instance_gets_nothing(service):
    assert token(service, STRANGER).status == 404


def test_an_instance_may_have_it_switched_off():
    assert token(Service(lambda address: Facts(enabled=False))).status == 403


def test_what_there_is_not_is_not_found(service):
    given = token(service).text
    assert get(service, "meta-data/spot/instance-action", given).status == 404
    assert get(service, "meta-data/instance", given).status == 404
    assert service.answer("GET", "/2009-04-04/meta-data/", {HEADER: given}, ME).status == 404
    assert service.answer("DELETE", "/latest/meta-data/instance-id", {HEADER: given}, ME).status == 404


def test_values_may_be_made_when_they_are_asked_for(service):
    assert get(service, "meta-data/late", token(service).text).text == "asked"


def test_a_folder_lists_what_is_in_it():
    values = {"meta-data/a": "1", "meta-data/b/c": "2", "meta-data/b/d": "3", "user-data": "x"}
    assert looked_up(values, "meta-data/") == "a\nb/"
    assert looked_up(values, "meta-data/b") == "c\nd"
    assert looked_up(values, "") == "meta-data/\nuser-data"
    assert looked_up(values, "nothing") is None
