"""The command line: python run_pipeline.py --help

Nothing is imported here before it is needed: each child process of a worker reads this file again at its start.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end with its exit status."""
    try:
        from commands.root import run
    except ModuleNotFoundError as exc:
        sys.exit(missing(exc.name))
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def missing(module: str | None) -> int:
    """Say which Python lacks what, and what to type instead."""
    print(f"{module} is not installed for {sys.executable}; activate the virtual environment (. .venv/bin/activate), "
          "or run: pip install -r requirements.lock", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
