"""python -m vgp.benchmarks.quality"""

import sys

from vgp.benchmarks.quality.command import main

if __name__ == "__main__":
    sys.exit(main())
