"""`python tools/local_cloud COMMAND` works from any folder."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # was this folder, where `import network` would find ours

from tools.local_cloud.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
