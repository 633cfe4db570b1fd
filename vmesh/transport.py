"""How messages get from worker to worker: one interface, with `zmq_transport` and its deterministic twin `memory_transport`.

Delivery is best effort and never waits: a message may be lost, doubled only by a fault that a test asks for, and nothing is queued
beyond a bound. Who needs more says so in its protocol (acknowledgements, credits).
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came. `identity` is the public key that its connection proved, in Z85; empty where there are no keys."""

    payload: bytes
    identity: str


class Transport(Protocol):
    """One worker's end."""

    @property
    def address(self) -> str:
        """The "host:port" at which others reach this worker."""

    def send(self, address: str, payload: bytes) -> bool:
        """Sends without waiting. False: dropped, because the way there is full or closed."""

    def receive(self) -> Received | None:
        """The next message that is here, or None."""

    def forget(self, address: str) -> None:
        """Closes the way to that address, with what waits in it."""

    def close(self) -> None:
        """Sends what is under way for at most a moment, then closes everything."""
