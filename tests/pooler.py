"""PgBouncer in transaction mode in front of the tests' server."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg

CONFIGURATION = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = transaction
default_pool_size = 8
max_client_conn = 500
{no_prepared}
server_idle_timeout = 5
ignore_startup_parameters = extra_float_digits
logfile = {log}
pidfile = {pid}
"""


class PgBouncer:
    """A context manager; `url` turns a direct URL into one that goes through it."""

    def __init__(self, server_url: str, folder: Path) -> None:
        binary = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
        if binary is None:
            raise RuntimeError("DRAFTMILL_TEST_POOLER is set but pgbouncer is not installed; apt-get install pgbouncer")
        self._binary, self._folder, self._server = binary, folder, urlsplit(server_url)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])

    def url(self, direct_url: str) -> str:
        parts = urlsplit(direct_url)
        return parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{self._port}").geturl()

    def __enter__(self) -> PgBouncer:
        users, configuration = self._folder / "users.txt", self._folder / "pgbouncer.ini"
        password = unquote(self._server.password or "")
        users.write_text(f'"{self._server.username}" "{password}"\n', encoding="utf-8")
        configuration.write_text(CONFIGURATION.format(
            host=self._server.hostname, port=self._server.port, listen=self._port, users=users,
            no_prepared=self._no_prepared_statements(),
            log=self._folder / "pgbouncer.log", pid=self._folder / "pgbouncer.pid"), encoding="utf-8")
        self._process = subprocess.Popen([self._binary, "-q", str(configuration)], **self._unprivileged())
        self._wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _no_prepared_statements(self) -> str:
        """From 1.21 on PgBouncer can carry prepared statements along; we must work without. Older ones refuse the setting."""
        version = subprocess.run([self._binary, "--version"], capture_output=True, encoding="utf-8", check=True).stdout
        newer = tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= (1, 21)
        return "max_prepared_statements = 0" if newer else ""

    def _unprivileged(self) -> dict[str, Any]:
        """PgBouncer does not run as root; lend it the folder."""
        if sys.platform == "win32" or os.geteuid() != 0:
            return {}
        import pwd

        entry = pwd.getpwnam("postgres")
        for path in (self._folder, *self._folder.iterdir()):
            os.chown(path, entry.pw_uid, entry.pw_gid)
        for parent in list(self._folder.parents)[:-2]:
            if parent.stat().st_uid == 0 and "pytest" in str(parent):
                parent.chmod(0o711)
        return {"user": entry.pw_uid, "group": entry.pw_gid}

    def _wait(self) -> None:
        url = self.url(self._server.geturl())
        for _ in range(100):
            try:
                psycopg.connect(url, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"pgbouncer does not answer; see {self._folder}/pgbouncer.log")
