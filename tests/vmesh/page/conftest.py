"""The browser that tests of the page share."""

import pytest

from tests.vmesh.page.browser import needed, started


@pytest.fixture(scope="module")
def browser():
    needed()
    with started() as made:
        yield made
