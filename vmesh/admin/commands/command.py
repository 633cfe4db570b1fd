"""What every command's file has; its docstring is its manual."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from vmesh.admin.arguments import Argument
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part

Answers = Mapping[str, Any]  # results by worker


class Command(Protocol):
    """A module of this folder."""

    __doc__: str | None

    @property
    def SUMMARY(self) -> str:
        """One line."""

    @property
    def ARGUMENTS(self) -> Sequence[Argument]:
        """What it takes."""

    @property
    def CHANGES(self) -> bool:
        """It changes the worker: a request that is sent again is obeyed once."""

    @property
    def SLOW(self) -> bool:
        """It gives a Future; only so many are under way at a time."""

    def execute(self, node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
        """Runs in the worker's network thread, with checked arguments; gives the result, or a Future of it. Raises VgpError."""

    def printout(self, answers: Answers) -> list[Part]:
        """What a person reads."""
