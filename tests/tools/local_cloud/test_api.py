"""The API keeps to EC2's word where moto does not, lets in only known keys, and fails when it is told to. No host is made here."""

import json
import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_cloud.clouds import cloud, make_profile, needs_api

pytestmark = needs_api
NOBODY = {"aws_access_key_id": "AKIANOBODYATALL00000", "aws_secret_access_key": "nothing"}


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    with cloud(tmp_path_factory.mktemp("api"), "--no-hosts") as made:
        make_profile(made, "node", [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}])
        yield made


@pytest.fixture
def faults(up):
    yield lambda *rules: up.call("fault", json.dumps(rules))
    up.call("fault", "clear")


def launch(up, count=(1, 1), **more):
    values = {"ImageId": up.facts["images"]["debian12"], "InstanceType": "m7i.large"} | more
    return up.client("ec2").run_instances(MinCount=count[0], MaxCount=count[1], **values)["Instances"]


def refusal(call, **values):
    with pytest.raises(ClientError) as refused:
        call(**values)
    return refused.value.response["Error"]["Code"]


def test_up_again_changes_nothing_and_tells_the_same(up):
    assert up.call("up", "--no-hosts") == up.facts


def test_up_otherwise_says_how_it_was_started(up):
    refused = up.tried("up", "--enforce-iam", "--no-hosts")
    assert refused.returncode == 1
    assert refused.stderr == "local cloud: the local cloud was started with --no-hosts; end it first with: down\n"


def test_as_many_as_the_maximum_with_indexes_from_zero(up):
    found = launch(up, (1, 5))
    assert [each["AmiLaunchIndex"] for each in found] == list(range(5))
    assert len({each["PrivateIpAddress"] for each in found}) == 5


def test_without_a_subnet_an_address_of_the_default_network(up):
    assert launch(up)[0]["PrivateIpAddress"].startswith("172.31.")


def test_one_client_token_launches_once(up):
    first, second = (launch(up, (2, 2), ClientToken="only-once") for _ in range(2))
    assert {each["InstanceId"] for each in first} == {each["InstanceId"] for each in second}


def test_everything_in_a_launch_template_counts(up):
    ec2 = up.client("ec2")
    data = {
        "ImageId": up.facts["images"]["debian12"],
        "InstanceType": "m7i.large",
        "IamInstanceProfile": {"Name": "node"},
        "InstanceInitiatedShutdownBehavior": "terminate",
        "InstanceMarketOptions": {"MarketType": "spot"},
        "MetadataOptions": {"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
    }
    ec2.create_launch_template(LaunchTemplateName="all", LaunchTemplateData=data)
    found = ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "all"}, MinCount=3, MaxCount=3)["Instances"]
    identities = [each["InstanceId"] for each in found]
    for each in ec2.describe_instances(InstanceIds=identities)["Reservations"][0]["Instances"]:
        assert each["IamInstanceProfile"]["Arn"].endswith("/node")
        assert each["InstanceLifecycle"] == "spot"
        assert each["MetadataOptions"]["HttpTokens"] == "required"
    attribute = {"InstanceId": identities[2], "Attribute": "instanceInitiatedShutdownBehavior"}
    assert ec2.describe_instance_attribute(**attribute)["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"


def test_without_hosts_what_is_terminated_is_gone_at_once(up):
    ec2, found = up.client("ec2"), launch(up)[0]["InstanceId"]
    for _ in range(2):
        ec2.terminate_instances(InstanceIds=[found])
        state = ec2.describe_instances(InstanceIds=[found])["Reservations"][0]["Instances"][0]["State"]
        assert state == {"Code": 48, "Name": "terminated"}


def test_the_catalogue_is_found_as_on_aws(up):
    ec2 = up.client("ec2")
    debian = ec2.describe_images(Owners=["136693071363"], Filters=[{"Name": "name", "Values": ["debian-12-amd64-*"]}])["Images"]
    newest = max(debian, key=lambda each: each["CreationDate"])
    assert (len(debian), newest["ImageId"]) == (2, up.facts["images"]["debian12"])
    arm = [{"Name": "architecture", "Values": ["arm64"]}]
    ubuntu = ec2.describe_images(Owners=["099720109477"], Filters=arm)["Images"]
    assert [each["ImageId"] for each in ubuntu] == [up.facts["images"]["ubuntu2404_arm64"]]


def test_unknown_keys_are_kept_out(up):
    """Whoever can launch an instance is root on this machine."""
    assert refusal(up.client("ec2", **NOBODY).describe_instances) == "AuthFailure"
    assert refusal(up.client("s3", **NOBODY).list_buckets) == "InvalidAccessKeyId"
    assert refusal(up.client("sts", **NOBODY).get_caller_identity) == "InvalidClientTokenId"


def test_who_has_no_key_is_kept_out(up):
    for path in ("/", "/moto-api/reset", "/moto-api/data.json"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(urllib.request.Request(up.facts["endpoint"] + path, method="POST", data=b""))


def test_no_capacity_for_one_type_in_one_zone(up, faults):
    subnets = up.client("ec2").describe_subnets()["Subnets"]
    full = {"SubnetId": subnets[0]["SubnetId"], "InstanceType": "c7i.*"}
    faults({"action": "RunInstances", "code": "InsufficientInstanceCapacity", "http": 500, "times": None, "match": full})
    wanted = {"InstanceType": "c7i.large", "SubnetId": subnets[0]["SubnetId"]}
    with pytest.raises(ClientError, match="InsufficientInstanceCapacity"):
        launch(up, **wanted)
    assert launch(up, **wanted | {"SubnetId": subnets[1]["SubnetId"]})
    assert launch(up, **wanted | {"InstanceType": "m7i.large"})


def test_throttling_that_a_client_outlives(up, faults):
    faults({"action": "DescribeInstances", "code": "RequestLimitExceeded", "http": 503, "times": 1})
    assert refusal(up.client("ec2").describe_instances) == "RequestLimitExceeded"
    faults({"action": "DescribeInstances", "code": "RequestLimitExceeded", "http": 503, "times": 1})
    assert up.client("ec2", retries=3).describe_instances()


def test_faults_of_other_services(up, faults):
    forbidden = {"action": "s3:HeadBucket", "code": "403", "http": 403}
    faults(forbidden, {"action": "iam:GetRole", "code": "ServiceFailure", "http": 500})
    assert refusal(up.client("s3").head_bucket, Bucket="any") == "403"
    assert refusal(up.client("iam").get_role, RoleName="node") == "ServiceFailure"
    assert up.client("iam").get_role(RoleName="node")


def test_calls_are_counted(up):
    up.call("calls", "--reset")
    launch(up, (4, 4))
    up.client("s3").list_buckets()
    answer = up.call("calls")
    assert answer["counts"] == {"ec2:RunInstances": 1, "s3:ListBuckets": 1}
    assert [each["status"] for each in answer["log"]] == [200, 200]


def test_what_is_no_fault_is_one_line(up):
    for text in ("nonsense", '{"acton": "RunInstances"}'):
        refused = up.tried("fault", text)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)


def test_policies_are_enforced_if_asked(tmp_path):
    with cloud(tmp_path, "--no-hosts", "--enforce-iam") as strict:
        s3, iam = strict.client("s3"), strict.client("iam")
        s3.create_bucket(Bucket="deploy")
        s3.put_object(Bucket="deploy", Key="bundles/a", Body=b"bundle")
        iam.create_user(UserName="reader")
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::deploy/bundles/*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=document)
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        reader = strict.client("s3", **keys)
        assert reader.get_object(Bucket="deploy", Key="bundles/a")["Body"].read() == b"bundle"
        assert refusal(reader.put_object, Bucket="deploy", Key="bundles/b", Body=b"") == "AccessDenied"
        assert refusal(strict.client("ec2", **keys).describe_instances) in ("AccessDenied", "UnauthorizedOperation")
        forged = keys | {"aws_secret_access_key": "another"}
        assert refusal(strict.client("s3", **forged).get_object, Bucket="deploy", Key="bundles/a") == "SignatureDoesNotMatch"
