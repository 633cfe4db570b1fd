"""Ends instances and proves it: lists and terminates again until AWS has twice nothing more to list that costs money."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from vmesh.cloud.aws import Cloud, CloudError
from vmesh.cloud.instances import Instance, listed

A_CALL = 500  # instances; AWS takes up to 1000
PAUSE = 1.0  # s between two lists
CLEAN = 2  # lists in a row without any: one that was launched a moment ago may be missing in the first


def end(cloud: Cloud, instances: Sequence[Instance]) -> None:
    """Terminates these instances. Raises CloudError."""
    for first in range(0, len(instances), A_CALL):
        ids = [one.instance for one in instances[first : first + A_CALL]]
        try:
            cloud.call("ec2", "terminate_instances", f"end {len(ids)} instances", InstanceIds=ids)
        except CloudError as error:
            if error.code == "OperationNotPermitted":
                raise CloudError(f"{error}; switch off the termination protection of that instance and run it again") from None
            if not error.code.startswith("InvalidInstanceID"):  # it is gone already: the next list tells what is left
                raise


def end_all(
    cloud: Cloud,
    cluster: str,
    role: str | None = None,
    *,
    timeout: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Instance]:
    """Ends every instance of the cluster, or of one role of it; returns those that it ended. Raises CloudError if some stay."""
    ended: dict[str, Instance] = {}
    clean, deadline = 0, clock() + timeout
    while clean < CLEAN:
        found = listed(cloud, cluster, role)
        clean = 0 if found else clean + 1
        if found and clock() >= deadline:
            names = ", ".join(one.instance for one in found[:5])
            raise CloudError(
                f"{len(found)} instances of {cluster} are still {found[0].state} after {timeout:.0f} s ({names}); "
                "run the same command again, or end them in AWS's console"
            )
        if found:
            end(cloud, found)
            ended.update((one.instance, one) for one in found)
        if clean < CLEAN:
            sleep(PAUSE if clean or clock() > deadline - timeout + PAUSE else 0.1)
    return list(ended.values())
