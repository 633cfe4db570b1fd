"""A cluster's keys, sockets that are closed whatever happens, and S3 on loopback."""

import contextlib

import pytest

from tests.vmesh.ends import End
from vmesh.security.key_folder import new_folder, worker_keys
from vmesh.settings import Network
from vmesh.sockets import Sockets


@pytest.fixture
def folder(tmp_path):
    new_folder(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def open_sockets():
    """Makes sockets of a process of its own, as it were, with changed limits."""
    with contextlib.ExitStack() as stack:

        def make(keys=None, clock=None, heartbeat=10.0, **limits):
            options = {} if clock is None else {"clock": clock}
            sockets = Sockets(Network(**limits), keys, heartbeat=heartbeat, **options)
            stack.callback(sockets.close)
            return sockets

        yield make


@pytest.fixture
def open_end(open_sockets):
    """Makes a worker's end of the mesh."""
    ends = []

    def make(folder=None, port=0, most_ways=128, **options):
        ends.append(End(open_sockets(worker_keys(folder) if folder else None, **options), port, most_ways))
        return ends[-1]

    yield make
    for end in ends:
        end.transport.close()


@pytest.fixture(params=["plain", "keys"])
def open_any_end(request, open_end, folder):
    """The same, once without keys and once with."""
    return lambda **options: open_end(folder if request.param == "keys" else None, **options)


@pytest.fixture(scope="session")
def faulty_s3():
    """The server, one for all tests of a process."""
    from tests.vmesh.faulty_s3 import FaultyS3  # loads moto, which most tests do without

    service = FaultyS3()
    yield service
    service.close()


@pytest.fixture
def s3(faulty_s3, monkeypatch):
    """The server as if new, with the environment that leads to it."""
    faulty_s3.reset()
    for name, value in faulty_s3.environment().items():
        monkeypatch.setenv(name, value)
    return faulty_s3
