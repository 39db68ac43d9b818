"""A real PostgreSQL server, started by the tests themselves and thrown away after them."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.ports import free_port

OWNER = "postgres"


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
        options += f" -c fsync={'on' if durable else 'off'}"
        _run(
            binaries / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start", folder=folder
        )
        try:
            yield f"postgresql+asyncpg://{OWNER}@127.0.0.1:{port}/"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop", folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
