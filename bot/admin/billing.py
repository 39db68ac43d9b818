"""`/billing`: the statements of months, and `/releases`: costs that wait for somebody's word."""

import asyncio
import re

from bot.admin.visit import Door, Section, Visit
from bot.domain.billing import Month
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import billing, releases
from bot.operations.billing import Bill
from bot.paper.statement_pdf import statement_pdf
from bot.views import billing as view
from bot.views.callbacks import Go
from bot.views.screen import Attachment

_WRITTEN = re.compile(
    r"(?:(?P<year>[0-9]{4})[-./](?P<month>[0-9]{1,2})|(?P<m>[0-9]{1,2})[-./](?P<y>[0-9]{4}))"
)


async def _command(visit: Visit, argument: str) -> None:
    await _show(visit, _month(argument) if argument.strip() else None, 0)


async def _tapped(visit: Visit, arguments: tuple[str, ...]) -> None:
    month, page = (*arguments, "", "")[:2]
    await _show(visit, _month(month) if month else None, _number(page))


async def _csv(visit: Visit, arguments: tuple[str, ...]) -> None:
    bill = await _bill(visit, arguments)
    statement = view.statement_of(bill)
    await visit.reply.hand(
        view.as_csv(statement, visit.operator.time_zone, visit.t), view.under_file(bill, visit.t)
    )


async def _pdf(visit: Visit, arguments: tuple[str, ...]) -> None:
    bill = await _bill(visit, arguments)
    statement = view.statement_of(bill)
    # A statement of thousands of stations takes a while to draw.
    content = await asyncio.to_thread(statement_pdf, statement, visit.operator.time_zone, visit.t)
    file = Attachment(view.file_name(statement, "pdf"), content, "application/pdf")
    await visit.reply.hand(file, view.under_file(bill, visit.t))


async def _releases_command(visit: Visit, _argument: str) -> None:
    await visit.show(view.releases(await releases.pending(visit.acting), 0, visit.t))


async def _releases(visit: Visit, arguments: tuple[str, ...]) -> None:
    page = _number(arguments[0]) if arguments else 0
    await visit.show(view.releases(await releases.pending(visit.acting), page, visit.t))


async def _release(visit: Visit, arguments: tuple[str, ...]) -> None:
    request = await releases.one(visit.acting, _request(arguments))
    await visit.show(view.release(request, visit.operator.time_zone, visit.t))


async def _approve(visit: Visit, arguments: tuple[str, ...]) -> None:
    await _decide(visit, arguments, release=True)


async def _refuse(visit: Visit, arguments: tuple[str, ...]) -> None:
    await _decide(visit, arguments, release=False)


async def _decide(visit: Visit, arguments: tuple[str, ...], *, release: bool) -> None:
    done = await releases.decide(visit.acting, _request(arguments), release=release)
    await visit.show(view.decided(done, visit.operator.time_zone, visit.t))


async def _show(visit: Visit, month: Month | None, page: int) -> None:
    bill = await billing.read(visit.acting, month)
    await visit.show(view.bill(bill, page, visit.operator.time_zone, visit.t))


async def _bill(visit: Visit, arguments: tuple[str, ...]) -> Bill:
    return await billing.read(visit.acting, _month(arguments[0] if arguments else ""))


def _month(text: str) -> Month:
    """A month as people write it: `2026-11`, `11/2026`, `11.2026`."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise Refusal("billing.month")
    try:
        return Month(int(written["year"] or written["y"]), int(written["month"] or written["m"]))
    except ValueError:
        raise Refusal("billing.month") from None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _request(arguments: tuple[str, ...]) -> int:
    if not arguments or not arguments[0].isdecimal():
        raise Refusal("button.old")
    return int(arguments[0])


SECTION = Section(
    commands={"billing": _command, "releases": _releases_command},
    taps={
        "bl.show": _tapped,
        "bl.csv": _csv,
        "bl.pdf": _pdf,
        "rl.list": _releases,
        "rl.one": _release,
        "rl.yes": _approve,
        "rl.no": _refuse,
    },
    doors=(
        Door("billing", Go("bl.show"), frozenset({Right.BILLING})),
        Door("releases", Go("rl.list", ("0",)), frozenset({Right.COST_RELEASE})),
    ),
)
