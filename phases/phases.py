"""`python phases/A2_inventory.py` finds this file as its module `phases`: it hands out the package of that name instead."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

if __name__ == "phases":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    del sys.modules["phases"]
    importlib.import_module("phases")
