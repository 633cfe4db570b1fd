"""The quota of processors: checked before anything is bought, and left alone where it cannot be."""

import pytest

from tests.vmesh.cloud.ec2 import REGION, parameters, template
from vgp.errors import InputError
from vmesh.cloud import fleet, quota
from vmesh.cloud.aws import Cloud, CloudError
from vmesh.cloud.machines import Type

LARGE = Type("c7i.large", "x86_64", 2)


@pytest.fixture
def limited(monkeypatch):
    """An account with a quota; moto has none for EC2."""

    def set_to(value):
        real = Cloud.call

        def call(self, service, operation, doing, **parameters):
            if operation == "get_service_quota":
                if isinstance(value, CloudError):
                    raise value
                return {"Quota": {"Value": float(value[parameters["QuotaCode"]])}}
            return real(self, service, operation, doing, **parameters)

        monkeypatch.setattr(Cloud, "call", call)

    return set_to


def check(more, *, spot=False, kind=LARGE):
    return quota.check(Cloud(REGION), kind, more, spot=spot)


def test_what_fits_passes_and_what_does_not_is_said(ec2, limited):
    template(ec2)
    fleet.module(parameters(ec2, count="2"), False)
    limited({"L-1216C47A": 8, "L-34B43A08": 2})
    used = quota.used_vcpus(Cloud(REGION), quota.of_type("c7i.large"), spot=False)
    assert used in (2, 4)  # as moto tells the processors of an instance
    assert check((8 - used) // 2) == []
    with pytest.raises(InputError) as caught:
        check(6)
    text = str(caught.value)
    assert text.startswith("6 more nodes need 12 vCPUs (c7i.large), and of the account's quota of 8 for Standard on-demand")
    assert "Service Quotas (L-1216C47A), or launch at most" in text and "\n" not in text
    with pytest.raises(InputError, match=r"quota of 2 for Standard spot instances in us-east-1 0 are used"):
        check(2, spot=True)


def test_without_permission_it_is_a_warning(ec2, limited):
    limited(CloudError("no", "AccessDeniedException"))
    assert check(100) == ["the quota of vCPUs was not checked: your credentials do not permit servicequotas:GetServiceQuota"]


def test_where_there_is_none_nothing_is_said(ec2, limited):
    assert check(100) == []  # moto
    limited({"L-1216C47A": 0})
    assert check(0) == [], "nothing is launched"
    assert check(5, kind=Type("hpc7g.4xlarge", "arm64", 16)) == []


@pytest.mark.parametrize(
    ("name", "title"),
    [
        *(("c7g.large", "Standard"), ("t3.micro", "Standard"), ("g5.xlarge", "G and VT"), ("inf2.xlarge", "Inf")),
        ("u-3tb1.56xlarge", None),
    ],
)
def test_families(name, title):
    found = quota.of_type(name)
    assert (found.title if found else None) == title
