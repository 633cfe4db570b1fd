"""A node's surroundings as the agent sees them, with a time of their own: nothing here waits."""

from vmesh.cloud import record
from vmesh.cloud.agent import SPOT, Agent
from vmesh.cloud.agent_settings import AgentSettings
from vmesh.cloud.faults import Unreachable
from vmesh.cloud.host import Service
from vmesh.cloud.launcher_status import LauncherStatus

LAUNCHED = 1_800_000_000.0
KEY = "clusters/test/nodes/00003.json"


class World:
    """Machine, metadata service, mail and time in one. `at(second, what)` does something then; at `end` the agent is stopped."""

    def __init__(self, max_hours=None, end=600.0):
        self.second, self.asked_to_stop, self.end = 0.0, False, end
        self.plan, self.done, self.notice = [], [], None
        self.state, self.result, self.words, self.leaving_takes = "activating", "success", "", 3.0
        self.status, self.stopping_since, self.down = None, None, False
        self.mails = []
        settings = AgentSettings("test", 3, "i-1", "test-3", "data", "us-east-1", started=LAUNCHED, max_hours=max_hours)
        self.agent = Agent(settings, self, self, self, self, self.look)

    def at(self, second, what):
        self.plan.append((second, what))
        self.plan.sort(key=lambda pair: pair[0])

    def run(self):
        self.pass_time(0.0)
        self.agent.run()
        return self

    # --- time ---

    def now(self):
        return LAUNCHED + self.second

    def running(self):
        return self.second

    def wait(self, seconds):
        assert seconds > 0, "the agent spins"
        self.pass_time(seconds)

    def pass_time(self, seconds):
        until = self.second + seconds
        while self.plan and self.plan[0][0] <= until:
            self.second, what = max(self.second, self.plan[0][0]), self.plan.pop(0)[1]
            what()
        self.second = until
        if (
            self.stopping_since is not None
            and self.second - self.stopping_since >= self.leaving_takes
            and self.state == "deactivating"
        ):
            self.state, self.status = "inactive", None
        self.asked_to_stop = self.asked_to_stop or self.second >= self.end
        assert self.second < self.end + 10_000, "the agent does not end"

    # --- the machine ---

    def evolve(self, evolving=2, workers=2, **more):
        self.state = "active"
        state = "evolving" if evolving else "starting"
        self.status = {"state": state, "workers": workers, "workers_evolving": evolving, **more}

    def look(self, path, now):
        return None if self.status is None else LauncherStatus(written=now, **self.status)

    def service(self):
        return Service(self.state, self.result, 0)

    def going_down(self):
        return self.down

    def stop(self):
        self.done.append(("stop", self.second))
        if self.state != "failed":
            self.state, self.stopping_since = "deactivating", self.second

    def kill(self):
        self.done.append(("kill", self.second))
        self.state, self.status = "failed", None

    def power_off(self):
        self.done.append(("power_off", self.second))

    def last_words(self):
        return self.words

    def journal(self):
        return b"journal"

    def histories(self):
        yield "worker-0.history.sqlite", b"history 0"
        yield "worker-1.history.sqlite", b"history 1"

    # --- metadata and mail ---

    def get(self, path):
        assert path == SPOT
        if self.notice == "away":
            raise Unreachable("no metadata")
        return self.notice

    def send(self, key, content):
        self.mails.append((self.second, key, content))

    def flush(self, seconds):
        return True

    @property
    def records(self):
        return [(second, record.read(content)) for second, key, content in self.mails if key == KEY]

    @property
    def states(self):
        found = [one.state for _, one in self.records]
        return [state for i, state in enumerate(found) if i == 0 or found[i - 1] != state]
