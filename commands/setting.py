"""What every command starts with: the settings, the log, the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeline import migrations
from pipeline.config import Settings
from pipeline.database import Connection, Database
from pipeline.observe import logs

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Setting:
    settings: Settings
    database: Database

    @contextmanager
    def connection(self, name: str) -> Iterator[Connection]:
        """An autocommit connection to a database whose schema is this release's."""
        with self.database.connect(name, autocommit=True) as conn:
            migrations.check_schema(conn)
            yield conn


def load(config: Path | None, **overrides: str | None) -> Setting:
    """Read the settings (options that were not given do not override them) and start the log."""
    inherited = click.get_current_context().find_root().params.get("config")
    path = config or inherited or Path("config.txt")
    given: dict[str, Any] = {name: text for name, text in overrides.items() if text is not None}
    settings = Settings.load(path, **given)
    logs.configure(settings.log_level)
    return Setting(settings, Database.from_settings(settings))


def config_option(command: F) -> F:
    return click.option("--config", type=click.Path(path_type=Path), help="The settings file.  [default: config.txt]")(command)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(command)
