"""Draftmill: engineering files into a searchable Postgres database."""

__version__ = "0.1.0"
