"""`db-url` and `db-stop`: the database as such."""

from __future__ import annotations

from pathlib import Path

import click

from commands import exits
from commands.setting import config_option, load


@click.command("db-url", epilog=exits.EPILOG)
@config_option
def db_url(config: Path | None) -> int:
    """Print the database's URL, for psql.

    The URL holds the password. An embedded server is started where it does not run, and outlives the command.

    \b
    Examples:
      python run_pipeline.py db-url
      psql "$(python run_pipeline.py db-url)" -f sql/monitoring/01_progress.sql
    """
    setting = load(config)
    setting.database.connect("db-url").close()
    click.echo(setting.database.url())
    return exits.DONE


@click.command("db-stop", epilog=exits.EPILOG)
@config_option
def db_stop(config: Path | None) -> int:
    """Stop the embedded database.

    The next command starts it again. A server that DB_URL names is left alone.

    \b
    Example:
      python run_pipeline.py db-stop
    """
    server = load(config).database.embedded
    if server is None:
        click.echo("DB_URL names a server of your own; it is left running")
    elif server.stop():
        click.echo(f"stopped the database of {server.data_dir}")
    else:
        click.echo(f"no database of {server.data_dir} is running")
    return exits.DONE
