"""Where files are: `file://` folders today, behind one small interface.

    source = open_source("/mnt/drawings")
    for entry in source.list(): …
    with source.open(entry.key) as stream: …
"""

from pipeline.storage.base import Entry, Gone, Listing, Source
from pipeline.storage.open import open_source

__all__ = ["Entry", "Gone", "Listing", "Source", "open_source"]
