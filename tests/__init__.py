"""Tests: unit (no I/O), integration (a real Postgres), acceptance (commands as typed)."""
