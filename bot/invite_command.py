"""`python -m bot invite --owner`: a link for the first who manages an operator, or for one after a lock-out."""

import argparse
import sys

from bot.app import reach
from bot.domain.account import Account
from bot.domain.clock import utc_now
from bot.domain.operator import Operator
from bot.domain.start_payload import INVITATION
from bot.operations import invitations
from bot.settings import Settings
from bot.telegram.account import check_token
from bot.telegram.connecting import accounts_of, connected
from bot.telegram.request import AiohttpRequest
from storage.database import Database
from storage.migrations import revision

WRONG = 2


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `invite`."""
    invite = commands.add_parser("invite", help="make a link for the first owner of an operator")
    invite.set_defaults(command=run)
    invite.add_argument(
        "--owner",
        nargs="?",
        const="",
        required=True,
        metavar="OPERATOR",
        help="its id; needed where there are several",
    )


async def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """Prints the link; the exit code."""
    accounts = accounts_of(settings)
    database = await reach(settings)
    try:
        operator = await _operator(database, parsed.owner)
        if operator is None:
            return WRONG
        account = accounts.of(operator.id)
        username = await _username(settings, account)
        if username is not None:
            accounts.usernames[account] = username
        secret, group = await database.write(lambda uow: invitations.owner(uow, operator.id, utc_now()))
    finally:
        await database.close()
    payload = f"{INVITATION}{secret}"
    link = accounts.link(account, payload)
    print(link or f"/start {payload}")
    days = invitations.VALID_FOR.days
    print(f"It works once, within {days} days: whoever opens it joins {operator.name} as one of {group!r}.")
    if link is None:
        print(
            "Telegram does not say what the bot is called: write the first line to the bot.", file=sys.stderr
        )
    return 0


async def _operator(database: Database, wanted: str) -> Operator | None:
    """The operator of that ID, or the only one there is; None, with the reason told, where neither is there."""
    now, newest = await revision(database)
    if now != newest:
        print("The database is empty or old; run: python -m bot migrate", file=sys.stderr)
        return None
    operators = await database.read(lambda uow: uow.operators.all())
    found = operators if not wanted and len(operators) == 1 else [e for e in operators if e.id == wanted]
    if not found:
        known = ", ".join(each.id for each in operators) or "none"
        print(f"Say which operator; there are: {known}", file=sys.stderr)
    return found[0] if found else None


async def _username(settings: Settings, account: Account) -> str | None:
    request = AiohttpRequest()
    await request.initialize()
    try:
        return await check_token(connected(settings, account, request).api, account, settings)
    finally:
        await request.shutdown()
