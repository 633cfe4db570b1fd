"""`python -m vmesh` is the command `vmesh`."""

import sys

from vmesh.cli import main

sys.exit(main())
