"""What programs that are not ours, such as a DWG converter or Tesseract, are told of our environment."""

from __future__ import annotations

import os
from typing import Final

# Where programs, their libraries and data, folders for what is temporary, the language and the display are. Nothing else: the address
# of the database with its password may stand beside them, and that is no business of theirs.
PASSED_ON: Final = frozenset({
    "PATH", "PATHEXT", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LANGUAGE", "DISPLAY", "QT_QPA_PLATFORM", "TESSDATA_PREFIX", "OMP_THREAD_LIMIT"})
_LOCALE: Final = "LC_"


def environment(**more: str) -> dict[str, str]:
    """The environment for a foreign program: what it needs of ours, and `more`."""
    return {name: value for name, value in os.environ.items() if name.upper() in PASSED_ON or name.startswith(_LOCALE)} | more
