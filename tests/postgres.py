"""A real PostgreSQL server, started by the tests themselves and thrown away after them."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from tests.ports import free_port

OWNER = "postgres"
_FORGETFUL = " -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
"""What a server need not do that is thrown away when its machine dies."""
_EMPTIES = """
DO $$
DECLARE found regclass;
BEGIN
    -- Some tables may only grow; a trigger that holds that would stop the emptying, too.
    SET LOCAL session_replication_role = replica;
    FOR found IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
        AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %s', found);
    END LOOP;
    PERFORM setval(seqrelid::regclass, seqstart, false) FROM pg_sequence;
END
$$
"""
_LEAVES = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class NoServer(Exception):
    """PostgreSQL is not installed here."""


def _binaries() -> Path:
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if newest:
        return newest[-1]
    found = shutil.which("initdb")
    if found is None:
        raise NoServer("PostgreSQL is not installed: apt-get install postgresql")
    return Path(found).parent


def _as_owner() -> dict[str, str]:
    # PostgreSQL refuses to run as root.
    return {"user": OWNER, "group": OWNER} if os.geteuid() == 0 else {}


@contextlib.contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Runs a server; gives a URL that ends before the name of a database. Only a `durable` one survives a power cut."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER, OWNER)
    port = free_port()
    data = folder / "data"
    try:
        _run(
            binaries / "initdb",
            "-D",
            data,
            "-U",
            OWNER,
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            folder=folder,
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        if not durable:
            options += _FORGETFUL
        _run(
            binaries / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start", folder=folder
        )
        try:
            yield f"postgresql+asyncpg://{OWNER}@127.0.0.1:{port}/"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop", folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def empty(url: str) -> None:
    """Takes all rows out of a migrated database, which is much faster than to make another; nobody else may use it."""
    admin = await asyncpg.connect(url.replace("+asyncpg", ""))
    # A process that a test has killed may still be in the middle of a transaction.
    await admin.execute(_LEAVES)
    await admin.execute(_EMPTIES)
    await admin.close()


def _run(*command: object, folder: Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **_as_owner(),
    )  # type: ignore[call-overload]  # mypy does not see through the unpacked user and group.
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
