"""The `daybook` command: everything that is not a web page. Its groups are in app/cli."""

import sys

from app.cli import run


def main() -> None:
    """Run the command line and leave with its status: 0 well, 1 input refused, 2 wrong usage, 3 environment at fault."""
    sys.exit(run())


if __name__ == "__main__":
    main()
