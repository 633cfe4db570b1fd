"""Faults that are injected into API calls, by rules, and the log of all calls.

A rule: {"action": "RunInstances", "times": 2, "code": "InsufficientInstanceCapacity", "http": 500, "message": "...", "delay": 0.5,
         "match": {"InstanceType": "c7i.large"}}
`action` may have the service before it ("s3:GetObject"). Without `code` the call is only delayed. `times` counts the calls that it
still befalls (1; null: for ever). `match`: parameters of the call, as they are sent, whose values it must have; * and ? are wild.
"""

import collections
import fnmatch
import threading
import time
from dataclasses import asdict, dataclass, field, fields

from tools.local_cloud.errors import LocalCloudError

REMEMBERED = 50_000  # calls; their counts are kept for ever


@dataclass
class Rule:
    """When a call fails, and how."""

    action: str
    times: int | None = 1
    code: str = ""
    http: int = 400
    message: str = ""
    delay: float = 0.0
    match: dict[str, str] = field(default_factory=dict)

    def befalls(self, call: "Call") -> bool:
        named = self.action in (call.action, f"{call.service}:{call.action}", "*", f"{call.service}:*")
        return named and self.times != 0 and all(fits(call.parameters.get(name), value) for name, value in self.match.items())


@dataclass(frozen=True)
class Call:
    """One API call, as it came in."""

    service: str
    action: str
    parameters: dict[str, str]


def fits(value: str | None, pattern: str) -> bool:
    return value is not None and fnmatch.fnmatchcase(value, str(pattern))


def rules_from(values: object) -> list[Rule]:
    """Rules from JSON: one object or a list of them. Raises LocalCloudError: something that is no rule."""
    known = {entry.name for entry in fields(Rule)}
    rules = []
    for value in values if isinstance(values, list) else [values]:
        if not isinstance(value, dict) or not isinstance(value.get("action"), str) or not set(value) <= known:
            raise LocalCloudError(f"a fault is an object with action and, if wanted, {', '.join(sorted(known - {'action'}))}")
        rules.append(Rule(**value))
    return rules


class Faults:
    """The rules in force and the calls so far; asked by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._log: collections.deque[dict] = collections.deque(maxlen=REMEMBERED)
        self._counts: collections.Counter[str] = collections.Counter()

    def add(self, rules: list[Rule]) -> None:
        with self._lock:
            self._rules += rules

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def rules(self) -> list[dict]:
        with self._lock:
            return [asdict(rule) for rule in self._rules]

    def next_for(self, call: Call) -> Rule | None:
        """The first rule that befalls a call; it has befallen once more."""
        with self._lock:
            for rule in self._rules:
                if rule.befalls(call):
                    rule.times = None if rule.times is None else rule.times - 1
                    return rule
        return None

    def record(self, call: Call, status: str, seconds: float, source: str) -> None:
        entry = {"time": time.time(), "service": call.service, "action": call.action, "status": int(status[:3]), "source": source}
        with self._lock:
            self._counts[f"{call.service}:{call.action}"] += 1
            self._log.append(entry | {"seconds": round(seconds, 4)})

    def calls(self, reset: bool = False, counts_only: bool = False) -> dict:
        """Counts by action and the log; `reset` begins both anew."""
        with self._lock:
            answer = {"total": self._counts.total(), "counts": dict(sorted(self._counts.items()))}
            if not counts_only:
                answer["log"] = list(self._log)
            if reset:
                self._counts.clear()
                self._log.clear()
        return answer
