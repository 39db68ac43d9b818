"""What an admin is shown of costs: the statement of a month, its file, and requests to release a cost."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_decimal, get_decimal_symbol

from bot.domain.billing import Line, Statement
from bot.domain.service import ReleaseState
from bot.operations.billing import Bill
from bot.operations.releases import Decided, Request
from bot.views.callbacks import Go
from bot.views.fit import cut, pager
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.notices import many
from bot.views.screen import Attachment, Button, Screen, columns, row
from bot.views.service import label, listed, some

PAGE = 8
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def bill(found: Bill, page: int, zone: str, t: Translate) -> Screen:
    """A month's lines, a page of them, and the total; the months before and after; its files."""
    statement = found.statement
    month, lines = str(statement.month), statement.lines
    pages = max(1, -(-len(lines) // PAGE))
    page = min(max(page, 0), pages - 1)
    parts = [t("billing.head", month=t.month(statement.month), operator=cut(statement.operator_name))]
    parts[0] += "\n" + t("billing.closed" if statement.closed else "billing.open")
    if found.companies:
        parts.append(t("billing.part", names=some(found.companies)))
    shown = lines[page * PAGE : (page + 1) * PAGE]
    parts.append(
        "\n".join(_line(each, statement.currency, zone, t) for each in shown) or t("billing.nothing")
    )
    total = t.money(statement.total, statement.currency)
    parts.append(t("billing.total", sum=total, stations=many(len(lines), t)))
    parts.append(f"<i>{t('service.rule')}</i>")
    beside = [
        Button(label(key, t, month=t.month(each)), Go("bl.show", (str(each), "0")))
        for key, each in (("billing.earlier", found.earlier), ("billing.later", found.later))
        if each is not None
    ]
    turn = pager(page, pages, lambda number: Go("bl.show", (month, str(number))), t)
    files = [Button(t(f"billing.{kind}"), Go(f"bl.{kind}", (month,))) for kind in ("pdf", "csv")]
    rows = [each for each in (turn, tuple(files), tuple(beside)) if each]
    return Screen("\n\n".join(parts), (*rows, home(t)))


def statement_of(found: Bill) -> Statement:
    """The statement as it stands on paper: of a part of the operator it names the companies."""
    names = ", ".join(found.companies)
    if not names:
        return found.statement
    statement = found.statement
    return Statement(
        statement.operator_id,
        f"{statement.operator_name} ({names})",
        statement.month,
        statement.currency,
        statement.lines,
        statement.total,
        statement.closed,
    )


def under_file(found: Bill, t: Translate) -> Screen:
    """What stands under a statement that is handed out."""
    statement = found.statement
    total = t.money(statement.total, statement.currency)
    key = "billing.file" if statement.closed else "billing.file_open"
    return Screen(t(key, month=t.month(statement.month), sum=total))


def file_name(statement: Statement, ending: str) -> str:
    """What a statement is saved under."""
    return f"{statement.operator_id}-{statement.month}.{ending}"


def as_csv(statement: Statement, zone: str, t: Translate) -> Attachment:
    """The lines for a spreadsheet, as those of the reader's language expect it: separator, decimals, a mark in front.

    Cells that a spreadsheet would take for a formula are made text.
    """
    separator = ";" if get_decimal_symbol(t.language) == "," else ","
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    names = ("month", "station", "location", "what", "since", "price", "amount", "currency")
    writer.writerow([t(f"billing.column_{name}") for name in names])
    for line in statement.lines:
        since = t.date_of(line.since, zone)
        texts = (line.station_id, line.location, t(f"billing.{line.reason.value}"), since)
        amounts = (_plain(line.price, t), _plain(line.amount, t))
        writer.writerow([str(statement.month), *map(_text, texts), *amounts, statement.currency])
    content = out.getvalue().encode("utf-8-sig")
    return Attachment(file_name(statement, "csv"), content, "text/csv")


def releases(pending: Sequence[Request], page: int, t: Translate) -> Screen:
    """The requests that wait for the person's word."""
    if not pending:
        return Screen(t("release.none"), (home(t),))
    pages = max(1, -(-len(pending) // PAGE))
    page = min(max(page, 0), pages - 1)
    buttons = [
        Button(
            label(
                "release.entry",
                t,
                number=each.id,
                stations=many(len(each.stations), t),
                sum=t.money(each.total, each.currency),
            ),
            Go("rl.one", (str(each.id),)),
        )
        for each in pending[page * PAGE : (page + 1) * PAGE]
    ]
    turn = pager(page, pages, lambda number: Go("rl.list", (str(number),)), t)
    rows = (*columns(buttons, 1), *((turn,) if turn else ()))
    return Screen(t("release.head", count=len(pending)), (*rows, home(t)))


def release(request: Request, zone: str, t: Translate) -> Screen:
    """A request: what, what it costs, who asks; with the buttons that decide it while it is open."""
    parts = [_asked(request, zone, t)]
    if request.state is not ReleaseState.ASKED:
        parts.append(_outcome(request, zone, t))
        return Screen("\n\n".join(parts), (_to_list(t), home(t)))
    if request.outdated:
        parts.append(t("release.outdated"))
    number = (str(request.id),)
    yes, no = Button(t("release.yes"), Go("rl.yes", number)), Button(t("release.no"), Go("rl.no", number))
    return Screen("\n\n".join(parts), (row(yes, no), _to_list(t), home(t)))


def decided(outcome: Decided, zone: str, t: Translate) -> Screen:
    """What has become of a request by the person's tap, or had become of it before."""
    parts = [_asked(outcome.request, zone, t)]
    if outcome.before:
        parts.append(t("release.before"))
    parts.append(_outcome(outcome.request, zone, t))
    return Screen("\n\n".join(parts), (_to_list(t), home(t)))


def _line(line: Line, currency: str, zone: str, t: Translate) -> str:
    what = t(f"billing.{line.reason.value}", day=t.date_of(line.since, zone))
    amount = t.money(line.amount, currency)
    return t(
        "billing.line", station=cut(line.station_id), location=cut(line.location), what=what, amount=amount
    )


def _asked(request: Request, zone: str, t: Translate) -> str:
    total = t.money(request.total, request.currency)
    head = t(
        "release.what",
        number=request.id,
        stations=many(len(request.stations), t),
        sum=total,
        name=cut(request.requested_by),
        day=t.clock(request.requested_at, zone),
    )
    return f"{head}\n\n{listed(request.stations, t)}"


def _outcome(request: Request, zone: str, t: Translate) -> str:
    at = "" if request.decided_at is None else t.clock(request.decided_at, zone)
    return t(f"release.{request.state.value}", name=cut(request.decided_by or "–"), day=at)


def _to_list(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("release.list"), Go("rl.list", ("0",))))


def _plain(amount: Decimal, t: Translate) -> str:
    """A number that a spreadsheet reads as one."""
    return format_decimal(amount, "0.00##", locale=t.language)


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
