"""A real browser: Debian's chromium, driven by Playwright. It talks to loopback alone, and what it asks elsewhere is noted."""

import contextlib
import shutil
import time

import pytest

SECONDS = 20
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def needed():
    """The browser's path; skips the test where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium on this machine; apt-get install chromium")
    return path


@contextlib.contextmanager
def started():
    """The browser; one for each process that tests run in."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needed(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One page in a context of its own, with what it complained of and what it asked for."""

    def __init__(self, browser, width=1440, height=900, **options):
        self.page = browser.new_page(viewport={"width": width, "height": height}, **options)
        self.errors, self.requests = [], []
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.set_default_timeout(1000 * SECONDS)

    def text(self, selector):
        return self.page.text_content(selector)

    def until(self, expression, argument=None):
        """Waits until JavaScript says so; asked from outside, because the page lets nobody evaluate texts within it."""
        deadline = time.monotonic() + SECONDS
        while not self.page.evaluate(expression, argument):
            assert time.monotonic() < deadline, f"{expression} was never so; {self.errors}"
            self.page.wait_for_timeout(50)
