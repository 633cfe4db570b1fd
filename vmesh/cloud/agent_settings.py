"""agent.json: what the agent of a node is told; the role writes its variable `vmesh_agent` there as it is."""

from __future__ import annotations

from dataclasses import dataclass

from vmesh.cloud import plain

LARGEST = 1 << 16  # bytes


@dataclass(frozen=True)
class AgentSettings:
    """Where the node stands and where its record goes."""

    cluster: str
    index: int
    instance: str
    name: str  # hostname in the mesh
    bucket: str  # data
    region: str
    endpoint: str | None = None  # None: AWS
    bundle: str = ""  # id
    private: str = ""
    public: str = ""
    mesh: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()
    started: float = 0.0  # launch of the instance, seconds since 1970
    max_hours: float | None = None
    status_file: str = "/run/vmesh/status.json"
    service: str = "vmesh.service"
    histories: str = "/var/lib/vmesh/checkpoints"  # folder in which workers keep theirs
    format: int = 1


def read(content: bytes) -> AgentSettings:
    """Raises InputError in one line for anything else."""
    return plain.read(content, AgentSettings, "agent.json", LARGEST)
