"""The command line."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import uvloop

from bot import app, doctor, interpreter, invite_command, logs, ocpi_command, rules_command
from bot.operations.apply import Change, apply
from bot.operations.export import export
from bot.operations.operator_file import OperatorFileError, read_operator_file
from bot.settings import Settings, SettingsError, load_settings, require_tokens
from storage.migrations import migrate, revision

WRONG = 2
"""The exit code of bad input: a setting, a file, an argument."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if parsed.command is None:
        parser.print_help(sys.stderr)
        return WRONG
    try:
        settings = load_settings()
        logs.set_up(settings.log_level)
        command: Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, int]] = parsed.command
        return uvloop.run(command(parsed, settings))
    except (SettingsError, OperatorFileError) as error:
        print(error, file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Support for drivers at charging stations."
    )
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(metavar="COMMAND")
    commands.add_parser("run", help="serve drivers, agents and stations").set_defaults(command=_run)
    sandbox = commands.add_parser("sandbox", help="try it in a browser, with no token and no hardware")
    sandbox.add_argument("--port", type=int, default=8360, help="of the page (default 8360)")
    sandbox.set_defaults(command=_sandbox)
    taking = commands.add_parser("apply", help="take an operator's file over")
    taking.add_argument("file", type=Path)
    taking.add_argument("--dry-run", action="store_true", help="only show what it would change")
    taking.set_defaults(command=_apply)
    giving = commands.add_parser("export", help="write an operator's file")
    giving.add_argument("operator", nargs="?", help="its id; needed where there are several")
    giving.set_defaults(command=_export)
    commands.add_parser("migrate", help="bring the database to the newest form").set_defaults(
        command=_migrate
    )
    rules_command.add_parser(commands)
    ocpi_command.add_parser(commands)
    invite_command.add_parser(commands)
    commands.add_parser("doctor", help="look for what is wrong, and how to mend it").set_defaults(
        command=_doctor
    )
    return parser


async def _run(_parsed: argparse.Namespace, settings: Settings) -> int:
    require_tokens(settings)
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _end, stop)
    interpreter.set_up()
    await app.serve(settings, stop)
    return 0


def _end(stop: asyncio.Future[None]) -> None:
    if not stop.done():
        stop.set_result(None)


async def _sandbox(parsed: argparse.Namespace, _settings: Settings) -> int:
    # The sandbox has dependencies of its own, which a service does not need.
    from bot.sandbox.run import run_sandbox  # noqa: PLC0415

    return await run_sandbox(parsed.port)


async def _apply(parsed: argparse.Namespace, settings: Settings) -> int:
    try:
        text = parsed.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorFileError([f"{parsed.file}: {error}"]) from error
    try:
        file = read_operator_file(text)
        database = await app.reach(settings)
        try:
            await migrate(database)
            changes = await apply(database, file, dry_run=parsed.dry_run)
        finally:
            await database.close()
    except OperatorFileError as error:
        raise OperatorFileError([f"{parsed.file}: {mistake}" for mistake in error.mistakes]) from error
    _tell(changes, dry_run=parsed.dry_run)
    return 0


def _tell(changes: Sequence[Change], *, dry_run: bool) -> None:
    for change in changes:
        how = "new" if change.new else f"changes {', '.join(change.fields)}"
        print(f"{change.what} {change.name}: {how}")
    done = "would change" if dry_run else "changed"
    print(f"{len(changes)} {'entry' if len(changes) == 1 else 'entries'} {done}.")


async def _export(parsed: argparse.Namespace, settings: Settings) -> int:
    database = await app.reach(settings)
    try:
        now, newest = await revision(database)
        if now != newest:
            print("The database is empty or old; run: python -m bot migrate", file=sys.stderr)
            return WRONG
        operators = await database.read(lambda uow: uow.operators.all())
        wanted = parsed.operator or (operators[0].id if len(operators) == 1 else None)
        if wanted not in {operator.id for operator in operators}:
            known = ", ".join(operator.id for operator in operators) or "none"
            print(f"Say which operator; there are: {known}", file=sys.stderr)
            return WRONG
        print(await export(database, wanted), end="")
    finally:
        await database.close()
    return 0


async def _migrate(_parsed: argparse.Namespace, settings: Settings) -> int:
    database = await app.reach(settings)
    try:
        before, after = await migrate(database)
    finally:
        await database.close()
    print(
        f"The database is at revision {after}"
        + (" already." if before == after else f"; it was at {before}.")
    )
    return 0


async def _doctor(_parsed: argparse.Namespace, settings: Settings) -> int:
    well = True
    async for finding in doctor.examine(settings):
        well = well and finding.well
        print(
            f"{'✓' if finding.well else '✗'} {finding.what}" + (f" → {finding.mend}" if finding.mend else "")
        )
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
