"""`python -m vgp` is the command `vgp`."""

import sys

from vgp.cli import main

sys.exit(main())
