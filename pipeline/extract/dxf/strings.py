"""DXF strings as a person reads them: escapes decoded, formatting codes out, stacked fractions side by side."""

from __future__ import annotations

import functools
import re

from ezdxf.lldxf.encoding import decode_dxf_unicode, decode_mif_to_unicode, has_mif_encoding
from ezdxf.tools.text import plain_mtext, plain_text

from pipeline.extract.normalise import clean_line, clean_text

_STACK = re.compile(r"\\S(?P<body>(?:\\.|[^;\\])*);")
_STACK_PARTS = re.compile(r"^(?P<upper>(?:\\.|[^\\^/#])*?)(?P<separator>\^|/|#)\s?(?P<lower>.*)$")
_CHARACTER_CODE = re.compile(r"%%(\d{3})")
_OLD_SYMBOLS = {127: "°", 128: "±", 129: "Ø"}  # of AutoCAD's own fonts, still met in release 2 to 9 files


def decode_escapes(text: str) -> str:
    r"""Text with \U+XXXX, \M+nXXXX and %%nnn decoded, which ezdxf leaves in place unless it recovers a file."""
    if "\\" not in text and "%%" not in text:
        return text
    text = decode_dxf_unicode(text)
    if has_mif_encoding(text):
        text = decode_mif_to_unicode(text)
    return _CHARACTER_CODE.sub(_character, text)


@functools.lru_cache(maxsize=4096)
def name_text(text: str) -> str:
    """A layer's, block's or tag's name."""
    return clean_line(decode_escapes(text))


def line_text(text: str) -> str:
    """The content of TEXT, ATTRIB or ATTDEF."""
    return clean_line(plain_text(decode_escapes(text)))


def paragraph_text(text: str) -> str:
    """The content of MTEXT, with its lines."""
    unstacked = _STACK.sub(_unstack, decode_escapes(text))
    return clean_text(str(plain_mtext(unstacked)))


def _character(match: re.Match[str]) -> str:
    code = int(match[1])
    symbol = _OLD_SYMBOLS.get(code)
    if symbol is not None:
        return symbol
    return bytes([code]).decode("cp1252", errors="replace") if 32 <= code < 256 else match[0]


def _unstack(match: re.Match[str]) -> str:
    r"""'2\S1#2;' is '2 1/2', '20\S+0.1^ -0.2;' is '20 +0.1/-0.2'; an empty half is left out."""
    parts = _STACK_PARTS.match(match["body"])
    if parts is None:
        return f" {match['body']}"
    halves = [half.strip() for half in (parts["upper"], parts["lower"]) if half.strip()]
    return " " + "/".join(halves)
