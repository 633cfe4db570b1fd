"""Scenes for panels, made of a mesh that is made up, or of whatever figures a test wants."""

from dataclasses import replace

from tests.vmesh.watch.feeds import figures
from vmesh.top.picture import scene_of
from vmesh.top.state import State
from vmesh.top.trends import Trends
from vmesh.watch.simulated import Plan, Simulated
from vmesh.watch.view import Seen, View


def made_up(hosts=2, workers=4, looks=5, **state):
    """After some looks at a made-up mesh."""
    now = [1e9]
    feed = Simulated(Plan(hosts, workers), lambda: now[0])
    view = feed.look()
    trends = Trends(feed.past(60))
    for _ in range(looks):
        trends.note(view)
        now[0] += 1
        view = feed.look()
    trends.note(view)
    return scene_of(view, trends, State(**state), "node", "live")


def scene(told=(), silent=(), lines=(), front=(), **state):
    """Of these figures; `silent` by name, with why."""
    seen = {one.name: Seen(one, 5.0, silent=dict(silent).get(one.name, "")) for one in told}
    never = {name: why for name, why in dict(silent).items() if name not in seen}
    view = View(5.0, seen, tuple(front), tuple(lines), never)
    trends = Trends()
    trends.note(view)
    return scene_of(view, trends, State(**state), "host", "live")


def later(view, seconds=1.0, **changes):
    """The same view some seconds later, with these changes by worker."""
    seen = {}
    for name, one in view.workers.items():
        told = replace(one.figures, **{"uptime": one.figures.uptime + seconds, **changes.get(name.replace("/", "_"), {})})
        seen[name] = replace(one, figures=told, time=one.time + seconds)
    return replace(view, time=view.time + seconds, workers=seen)


__all__ = ["figures", "later", "made_up", "scene"]
