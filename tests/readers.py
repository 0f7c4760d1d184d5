"""Readers for tests of the worker: what a file's first word says is what happens to the child that reads it."""

from __future__ import annotations

import collections
import ctypes
import itertools
import os
import sys
import time

from pipeline.extract.errors import EncryptedFile
from pipeline.extract.model import Drawing, Page
from pipeline.extract.options import ReadOptions
from pipeline.extract.pdf import read_pdf


def obey(data: bytes, options: ReadOptions) -> Drawing:
    """Do what the first word says; otherwise a drawing of one page with the file's text."""
    word = data.split(b" ", 1)[0]
    if word == b"loop":  # in C, with the GIL held: no signal handler and no thread of this process gets a turn
        collections.deque(itertools.repeat(None), maxlen=0)
    if word == b"segfault":
        ctypes.string_at(0)
    if word == b"exit":
        os._exit(7)
    if word == b"bomb":
        _explode()
    if word == b"encrypted":
        raise EncryptedFile("a password is needed to open the file: save a copy without one")
    if word == b"bug":
        raise KeyError(data.decode())
    if word == b"print":
        sys.stdout.write("noise\n" * 1000)
    if word == b"sleep":
        time.sleep(float(data.split()[1]))
    return drawing(data.decode("utf-8", "surrogateescape"))


def drawing(text: str) -> Drawing:
    return Drawing(kind="pdf", page_count=1, has_text_layer=True, pages=(Page(1, text, "text_layer"),))


def slow_pdf(data: bytes, options: ReadOptions) -> Drawing:
    """A real reader with time to be interrupted."""
    time.sleep(0.15)
    return read_pdf(data, options)


def _explode() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(64 * 1024 * 1024))
