"""Each request is known by the name that the service's documentation gives it, and its errors are in the service's own form."""


import boto3
import pytest
from botocore.parsers import create_parser

from tools.local_cloud.calls import call_of, error_of, s3_call, signer

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=00"


def environ(service="ec2", method="POST", path="/", query="", **more):
    request = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
    return request | {"HTTP_AUTHORIZATION": AUTHORIZATION.format(service)} | more


def test_query_services_name_the_action_in_the_form():
    call = call_of(environ(), b"Action=RunInstances&MinCount=2&InstanceType=m7i.large")
    assert (call.service, call.action, call.parameters["InstanceType"]) == ("ec2", "RunInstances", "m7i.large")


def test_json_services_name_it_in_a_header():
    call = call_of(environ("ssm", HTTP_X_AMZ_TARGET="AmazonSSM.GetParameter"), b"")
    assert (call.service, call.action) == ("ssm", "GetParameter")


@pytest.mark.parametrize(
    ("method", "path", "query", "action"),
    [
        ("GET", "/", {}, "ListBuckets"),
        ("PUT", "/b", {}, "CreateBucket"),
        ("HEAD", "/b/", {}, "HeadBucket"),
        ("GET", "/b", {"list-type": "2"}, "ListObjectsV2"),
        ("GET", "/b/k/e/y", {}, "GetObject"),
        ("HEAD", "/b/k", {}, "HeadObject"),
        ("PUT", "/b/k", {}, "PutObject"),
        ("DELETE", "/b/k", {}, "DeleteObject"),
        ("POST", "/b", {"delete": ""}, "DeleteObjects"),
        ("POST", "/b/k", {"uploads": ""}, "CreateMultipartUpload"),
        ("PUT", "/b/k", {"uploadId": "1", "partNumber": "1"}, "UploadPart"),
        ("POST", "/b/k", {"uploadId": "1"}, "CompleteMultipartUpload"),
        ("DELETE", "/b/k", {"uploadId": "1"}, "AbortMultipartUpload"),
        ("PUT", "/b", {"versioning": ""}, "PutBucketVersioning"),
        ("GET", "/b", {"versions": ""}, "ListObjectVersions"),
        ("PUT", "/b", {"publicAccessBlock": ""}, "PutPublicAccessBlock"),
    ],
)
def test_requests_to_s3_by_method_path_and_query(method, path, query, action):
    call = s3_call("s3", method, path, query)
    assert call.action == action
    assert (call.parameters["Bucket"] == "b") == (path != "/")


def test_presigned_addresses_name_their_key_too():
    query = "X-Amz-Credential=AKIDOTHER%2F20261123%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=00"
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/b/k", "QUERY_STRING": query}
    assert signer(request) == ("AKIDOTHER", "s3")
    assert call_of(request, b"").action == "GetObject"
    assert signer({"QUERY_STRING": ""}) == ("", "")


@pytest.mark.parametrize("service", ["ec2", "s3", "iam", "sts", "ssm", "service-quotas"])
def test_clients_understand_the_errors(service):
    client = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    protocol = client.meta.service_model.metadata["protocol"]
    kind, body = error_of(service, "NoLuck", "none <today>", json_protocol=protocol == "json")
    operation = client.meta.service_model.operation_model(client.meta.service_model.operation_names[0])
    headers = {"Content-Type": kind}
    parsed = create_parser(protocol).parse({"status_code": 400, "headers": headers, "body": body}, operation.output_shape)
    assert (parsed["Error"]["Code"], parsed["Error"]["Message"]) == ("NoLuck", "none <today>")
