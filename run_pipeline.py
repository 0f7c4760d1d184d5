"""The command line: python run_pipeline.py --help

Nothing is imported here before it is needed: each child process of a worker reads this file again at its start.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end with its exit status."""
    from commands.root import run

    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


if __name__ == "__main__":
    main()
