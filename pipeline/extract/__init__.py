"""Pure readers: bytes in, dataclasses out. No database, no network, no clock."""
