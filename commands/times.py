"""Spans of time and moments as a person types them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import click

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=3650)


def parse_span(text: str) -> timedelta:
    """'30s', '15m', '1h', '2d', or plain seconds. Raises ValueError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text.strip().lower(), re.ASCII)
    if found is None:
        raise ValueError("no span of time")
    number = float(found[1])
    if number > LONGEST.total_seconds():
        raise ValueError("too long")
    return min(timedelta(**{UNITS[found[2] or "s"]: number}), LONGEST)


def span(text: str) -> timedelta:
    """A span of a second or more, as the type of an option."""
    try:
        found = parse_span(text)
    except ValueError:
        raise click.BadParameter(f'"{text}" is no span of time; write 30s, 15m, 1h, or seconds') from None
    if found < timedelta(seconds=1):
        raise click.BadParameter(f'"{text}" is too short; write 1s or more')
    return found


def since(text: str) -> timedelta | datetime:
    """A moment, or how long ago it was, as the type of an option. Without a zone it is of this machine's."""
    try:
        return parse_span(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f'"{text}" is no moment; write 2026-01-31, "2026-01-31 14:00", or how long ago: 24h, 7d') from None
    return moment if moment.tzinfo else moment.astimezone()
