"""Which API call an HTTP request is, and how that service says that one failed."""

import json
import re
import urllib.parse
from xml.sax.saxutils import escape

from tools.local_cloud.faults import Call

CREDENTIAL = re.compile(r"Credential=([^/\s,]+)/\d{8}/([^/]*)/([^/]+)/aws4_request")
# requests to S3 with the first of these in their query are about that, whatever the method
S3_PARTS = {
    **{"uploads": "MultipartUpload", "uploadId": "Part", "versioning": "BucketVersioning", "encryption": "BucketEncryption"},
    **{"lifecycle": "BucketLifecycle", "policy": "BucketPolicy", "publicAccessBlock": "PublicAccessBlock", "tagging": "Tagging"},
    **{"ownershipControls": "BucketOwnershipControls", "acl": "Acl", "location": "BucketLocation", "versions": "ObjectVersions"},
    **{"delete": "Objects", "policyStatus": "BucketPolicyStatus", "notification": "BucketNotification", "cors": "BucketCors"},
}
S3_OBJECT = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject", "POST": "PostObject"}
S3_BUCKET = {"GET": "ListObjectsV2", "PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket", "POST": "DeleteObjects"}
VERBS = {"GET": "Get", "PUT": "Put", "HEAD": "Head", "DELETE": "Delete", "POST": "Create"}


def signer(environ: dict) -> tuple[str, str]:
    """The access key's id and the service that a request is signed for; empty for one that is not signed."""
    query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""))
    found = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "") or "Credential=" + query.get("X-Amz-Credential", [""])[0])
    return (found[1], found[3].lower()) if found else ("", "")


def call_of(environ: dict, body: bytes) -> Call:
    """The call that a request makes; `body` is empty unless it is a form."""
    service = signer(environ)[1] or "s3"
    parameters = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    parameters |= dict(urllib.parse.parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return Call(service, target.rpartition(".")[2], parameters)
    if "Action" in parameters:
        return Call(service, parameters["Action"], parameters)
    return s3_call(service, environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/"), parameters)


def s3_call(service: str, method: str, path: str, parameters: dict[str, str]) -> Call:
    bucket, _, key = path.lstrip("/").partition("/")
    parameters = parameters | {"Bucket": bucket, "Key": key}
    part = next((name for name in S3_PARTS if name in parameters), None)
    if not bucket:
        return Call(service, "ListBuckets", parameters)
    if part == "uploadId":
        action = {"POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload", "GET": "ListParts"}.get(method, "UploadPart")
    elif part == "versions":
        action = "ListObjectVersions"
    elif part:
        action = ("Delete" if part == "delete" else VERBS.get(method, "Get")) + S3_PARTS[part]
    else:
        action = (S3_OBJECT if key else S3_BUCKET).get(method, method)
    return Call(service, action, parameters)


def error_of(service: str, code: str, message: str, json_protocol: bool) -> tuple[str, bytes]:
    """Content type and body of an error as that service's clients expect it."""
    if json_protocol:
        return "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message}).encode()
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service == "ec2":
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>local-cloud</RequestID></Response>"
    elif service == "s3":
        text = f"<Error>{inner}<RequestId>local-cloud</RequestId></Error>"
    else:
        text = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>local-cloud</RequestId></ErrorResponse>"
    return "text/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
