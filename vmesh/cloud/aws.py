"""The way to AWS, or to what AWS_ENDPOINT_URL names: clients, and what their refusals mean. Beside vmesh/s3.py alone with boto3.

Credentials come from boto3's chain (environment, profile, SSO, role). Throttled and broken calls are made again with growing
pauses; what stays impossible is a CloudError of one line that says what to do.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

from vmesh.errors import MeshError

T = TypeVar("T")
ATTEMPTS = 8  # of a call that is throttled or breaks
PAUSE = 0.25  # s before the second; doubled each time, up to LONGEST_PAUSE, times a random factor
LONGEST_PAUSE = 10.0
THROTTLED = (
    *("RequestLimitExceeded", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled"),
    *("TooManyRequestsException", "EC2ThrottledException", "PriorRequestNotComplete", "SlowDown"),
)
BROKEN = ("InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "RequestTimeout")
NOT_YET = "InvalidInstanceProfile"  # our word: EC2 learns of a new profile some seconds after IAM
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
UNKNOWN = (
    *("AuthFailure", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException"),
    *("MissingAuthenticationToken", "IncompleteSignature", "InvalidSignatureException"),
)
FORBIDDEN = ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "UnauthorizedAccess", "403")

RENEW = "sign in again (aws sso login, or new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN)"
SIGN_IN = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run aws sso login"


class CloudError(MeshError):
    """The cloud refused, or gave less than was asked for. `code` is AWS's own word for it, or empty."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Cloud:
    """Clients of one region, made when first used; may be used from several threads. `calls` counts requests by name."""

    def __init__(self, region: str, *, attempts: int = ATTEMPTS, pause: float = PAUSE) -> None:
        self.region, self.attempts, self.pause = region, attempts, pause
        self.calls: Counter[str] = Counter()
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()

    def call(self, service: str, operation: str, doing: str, **parameters: Any) -> Any:
        """The answer of one operation ("ec2", "describe_images"). `doing` ends the sentence "cannot ...". Raises CloudError."""
        client = self.client(service)
        return self._again(lambda: getattr(client, operation)(**parameters), doing)

    def pages(self, service: str, operation: str, doing: str, **parameters: Any) -> Iterator[Any]:
        """The pages of an answer that has several, one call each. Raises CloudError."""
        token: dict[str, str] = {}
        while True:  # not boto3's paginator: after an error it takes the list for ended
            page = self.call(service, operation, doing, **parameters, **token)
            yield page
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def client(self, service: str) -> Any:
        """The client itself. Raises CloudError: no such profile."""
        with self._making:  # of boto3, only finished clients may be shared between threads
            if service not in self._clients:
                with reported(f"speak to {service}"):
                    self._clients[service] = self._connected(service)
            return self._clients[service]

    def _again(self, call: Callable[[], T], doing: str) -> T:
        """What botocore would do itself, but for errors that another attempt does not mend: no capacity answers with status 500."""
        for attempt in range(1, self.attempts + 1):
            try:
                with reported(doing):
                    return call()
            except CloudError as error:
                if error.code not in (*THROTTLED, *BROKEN, "Connection", NOT_YET) or attempt == self.attempts:
                    raise
            time.sleep(min(self.pause * 2 ** (attempt - 1), LONGEST_PAUSE) * random.uniform(0.5, 1.0))
        raise AssertionError("the last attempt returns or raises")

    def _connected(self, service: str) -> Any:
        from botocore.config import Config

        elsewhere = any(name.startswith("AWS_ENDPOINT_URL") and value for name, value in os.environ.items())
        config = Config(
            connect_timeout=10.0,
            read_timeout=90.0,  # RunInstances of hundreds takes its time
            retries={"mode": "standard", "total_max_attempts": 1},  # _again does it
            s3={"addressing_style": "path"} if elsewhere else {},  # other servers seldom have a host name for each bucket
        )
        client = self._session.client(service, region_name=self.region, config=config)
        client.meta.events.register("before-send", self._counted)
        return client

    def _counted(self, event_name: str, **_: Any) -> None:
        self.calls[event_name.rpartition(".")[2]] += 1

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.session.Session()


def known_regions() -> frozenset[str]:
    """Every region that this version of boto3 knows, of all of AWS's partitions."""
    import boto3

    session = boto3.session.Session()
    partitions = session.get_available_partitions()
    return frozenset(region for partition in partitions for region in session.get_available_regions("ec2", partition))


@contextlib.contextmanager
def reported(doing: str) -> Iterator[None]:
    """Errors of boto3 as CloudError: "cannot `doing`: why; what to do"."""
    from botocore import exceptions as boto

    try:
        yield
    except boto.ClientError as error:
        raise refused(doing, error.response.get("Error", {})) from None
    except (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError) as error:
        raise CloudError(f"cannot {doing}: {plain(error)}; {SIGN_IN}", "NoCredentials") from None
    except (boto.SSOError, boto.TokenRetrievalError) as error:
        raise CloudError(f"cannot {doing}: {plain(error)}; {RENEW}", "ExpiredToken") from None
    except boto.ProfileNotFound as error:
        raise CloudError(f"cannot {doing}: {plain(error)}; set AWS_PROFILE to one of ~/.aws/config", "NoCredentials") from None
    except (boto.HTTPClientError, boto.ConnectionError) as error:
        raise CloudError(f"cannot {doing}: AWS is not reached: {plain(error)}; check network and region", "Connection") from None
    except (boto.BotoCoreError, ValueError) as error:
        raise CloudError(f"cannot {doing}: {plain(error)}") from None


def refused(doing: str, error: dict[str, str]) -> CloudError:
    """What a refusal means to the user."""
    code, told = error.get("Code", "unknown"), " ".join(error.get("Message", "").split()).rstrip(".")
    if code == "InvalidParameterValue" and "iam instance profile" in told.lower():
        return CloudError(f"cannot {doing}: {told}; run ansible-playbook setup.yml again", NOT_YET)
    if code in EXPIRED:
        return CloudError(f"cannot {doing}: the AWS credentials have expired; {RENEW}, then run the same command again", code)
    if code in UNKNOWN:
        return CloudError(f"cannot {doing}: AWS does not know the credentials ({code}); {SIGN_IN}", code)
    if code in FORBIDDEN:
        return CloudError(f"cannot {doing}: your credentials do not permit it ({told or code}); ask for that permission", code)
    if code in THROTTLED:
        return CloudError(f"cannot {doing}: AWS is asked too often ({code}); wait a minute and run it again", code)
    return CloudError(f"cannot {doing}: {told or 'AWS refuses'} ({code})", code)


def plain(error: BaseException) -> str:
    """An error's text in one line without its full stop."""
    return (" ".join(str(error).split()) or type(error).__name__).rstrip(".")

