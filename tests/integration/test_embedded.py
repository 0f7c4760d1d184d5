"""The embedded server: shared, protected, and back after a kill -9."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from pipeline.embedded import EmbeddedServer, server_configuration
from tests.conftest import discard

pytestmark = pytest.mark.direct
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    made = EmbeddedServer(tmp_path_factory.mktemp("embedded") / "data")
    made.url()
    yield made
    discard(made)


def start_in_a_process(folder: Path) -> subprocess.Popen[str]:
    code = ("import sys; from pathlib import Path; from pipeline.embedded import EmbeddedServer;"
            "print(EmbeddedServer(Path(sys.argv[1])).url())")
    return subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=ROOT, text=True, stdout=subprocess.PIPE)


def test_it_outlives_the_process_that_started_it_and_is_shared(tmp_path: Path) -> None:
    starters = [start_in_a_process(tmp_path / "data") for _ in range(3)]
    urls = {starter.communicate(timeout=120)[0].strip() for starter in starters}
    assert len(urls) == 1
    url = urls.pop()
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    server = EmbeddedServer(tmp_path / "data")
    assert server.url() == url
    discard(server)


def test_a_killed_server_comes_back_with_what_was_committed(server: EmbeddedServer) -> None:
    with psycopg.connect(server.url(), autocommit=True) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pid = server.postmaster_pid()
    assert pid is not None
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        process.kill()

    with psycopg.connect(server.url()) as conn:
        assert conn.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert server.postmaster_pid() not in (None, pid)


def test_stopped_and_started_again_it_is_the_same_database(server: EmbeddedServer) -> None:
    before = server.url()
    assert server.stop()
    assert not server.stop()
    assert server.postmaster_pid() is None
    assert server.url() == before


def test_the_owner_is_no_superuser_and_pgvector_is_there(server: EmbeddedServer) -> None:
    with psycopg.connect(server.url()) as conn:
        assert conn.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone() == (False, False)
        assert conn.execute("SELECT '[1,2]'::vector <=> '[1,2]'::vector").fetchone() == (0.0,)


def test_it_wants_a_password_and_listens_on_this_machine_only(server: EmbeddedServer) -> None:
    url = server.url()
    user, rest = url.removeprefix("postgresql://").split("@")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://{user.split(':')[0]}:wrong@{rest}")
    with psycopg.connect(url) as conn:
        assert conn.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)


def test_durability_is_not_touched(server: EmbeddedServer) -> None:
    with psycopg.connect(server.url()) as conn:
        assert [conn.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit", "full_page_writes")] == [("on",)] * 3
    assert "fsync" not in server_configuration(1, 2**34)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_no_folder_is_opened_up_and_the_passwords_are_for_the_owner_alone(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "data")
    server.url()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.state_file.stat().st_mode) == 0o600
    cluster = Path(json.loads(server.state_file.read_text(encoding="utf-8"))["cluster"])
    assert stat.S_IMODE(cluster.stat().st_mode) == 0o700
    if os.geteuid() == 0:  # nobody else may pass through `closed`, and root may not run PostgreSQL
        assert not cluster.is_relative_to(closed)
    discard(server)


def test_a_taken_port_is_exchanged_for_another(server: EmbeddedServer) -> None:
    port = int(server.url().rsplit(":", 1)[1].split("/")[0])
    server.stop()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        moved = EmbeddedServer(server.data_dir).url()
    assert f":{port}/" not in moved
    with psycopg.connect(moved) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
