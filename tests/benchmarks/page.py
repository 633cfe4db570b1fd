"""How fast the web page is: python -m tests.benchmarks.page [--json FILE].

The page's real server over a mesh that is made up, 512 workers at one view a second, in headless chromium that draws without a GPU.
Bars: the page can be used within 1 s, and shows the mesh within 1 s; above 30 frames a second; the server takes under 20 % of a
core, what makes the mesh up included.
"""

import argparse
import json
import os
import statistics
import sys
import time

from playwright.sync_api import sync_playwright

from tests.vmesh.page.browser import FLAGS, needed
from tests.vmesh.page.simulated_page import served

FRAMES = """seconds => new Promise(done => {
  let frames = 0, first = 0, last = 0;
  const waits = [];
  requestAnimationFrame(function frame(now) {
    if (first) { frames++; waits.push(now - last); }
    first = first || now;
    last = now;
    if (now - first < 1000 * seconds) return requestAnimationFrame(frame);
    waits.sort((a, b) => a - b);
    done({ rate: 1000 * frames / (now - first), slow: waits[Math.floor(waits.length * 0.99)], worst: waits[waits.length - 1] });
  });
})"""
USABLE = "performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart"
SHOWN = "performance.getEntriesByName('interactive')[0].startTime"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    with served(seed=4, before=600.0) as (address, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needed(), args=list(FLAGS))
        loads = [loaded(browser, address) for _ in range(5)]
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector("body[data-views='3']")
        page.locator("#graph").scroll_into_view_if_needed()  # what moves is to be seen
        began, busy = time.monotonic(), cpu_seconds(process.pid)
        frames = page.evaluate(FRAMES, args.seconds)
        share = (cpu_seconds(process.pid) - busy) / (time.monotonic() - began)
        browser.close()
    rows = [
        ("page usable", statistics.median(usable for usable, _ in loads) / 1000, "s", "< 1"),
        ("first figures shown", statistics.median(shown for _, shown in loads) / 1000, "s", "< 1"),
        ("frames", frames["rate"], "1/s", "> 30"),
        ("99 % of frames within", frames["slow"], "ms", ""),
        ("longest frame", frames["worst"], "ms", ""),
        ("server, of one core", 100 * share, "%", "< 20"),
    ]
    for name, value, unit, bar in rows:
        print(f"{name:24}{value:8.2f} {unit:4} {bar}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"load": os.getloadavg()[0], **{name: [value, unit] for name, value, unit, _ in rows}}, file, indent=1)
    return 0


def loaded(browser, address):
    """(usable, first figures shown) in milliseconds, of a page that nothing is remembered of."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    page.wait_for_selector("body[data-views]")
    found = page.evaluate(USABLE), page.evaluate(SHOWN)
    page.close()
    return found


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
