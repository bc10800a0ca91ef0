"""The `daybook` command: everything that is not a web page. Its groups are in app/cli."""

import sys

from app.cli import run
from app.platform import log


def main() -> None:
    """Run the command line and leave with its status (app/cli says which)."""
    log.install()
    sys.exit(run())


if __name__ == "__main__":
    main()
