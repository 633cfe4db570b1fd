"""Settings of all tests: how long a machine takes decides none of them, and on CI neither does chance: the same examples each time.
Elsewhere every run draws new ones."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("patient")
