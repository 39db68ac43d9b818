"""Taking a calendar file over into the plan of who is on call."""

from dataclasses import replace

from bot.admin.forms import argument, named, number
from bot.admin.visit import Section, Visit
from bot.domain.refusal import Refusal
from bot.operations import calendar_import, on_call
from bot.operations.calendar_file import MOST_BYTES
from bot.telegram.incoming import Words
from bot.views import on_call as plan_view
from bot.views import on_call_calendar as view
from storage.repositories.desks import Form

_FORM = "oc.file"


async def _import(visit: Visit, _arguments: tuple[str, ...]) -> None:
    roster = await on_call.show(visit.acting)
    await visit.ask(Form(_FORM), view.ask(roster, visit.t))


async def _sent(visit: Visit, _form: Form, words: Words) -> None:
    """Where nothing is understood the form stays open: another file may be sent."""
    await calendar_import.may_import(visit.acting)
    content, name = await _content(visit, words)
    closed = replace(visit.desk, form=None)
    found = await calendar_import.offer(
        visit.acting, content, name, lambda uow: uow.desks.put(closed, visit.acting.now)
    )
    await visit.show(view.preview(found, visit.t))


async def _content(visit: Visit, words: Words) -> tuple[bytes, str]:
    """The file with its name, or the calendar as it was pasted."""
    document = words.document
    if document is None:
        said = words.message.words
        if not said:
            raise Refusal("calendar.no_file")
        return said.encode(), ""
    if document.size is not None and document.size > MOST_BYTES:
        raise Refusal("calendar.large")
    return await visit.reply.download(document.file_id), document.name


async def _take(visit: Visit, arguments: tuple[str, ...]) -> None:
    await visit.show(view.taken(await calendar_import.take_over(visit.acting, number(arguments)), visit.t))


async def _drop(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await calendar_import.discard(visit.acting)
    await visit.show(view.dropped(visit.t))


async def _calendar(visit: Visit, arguments: tuple[str, ...]) -> None:
    roster = await on_call.show(visit.acting)
    key = argument(arguments, 0)
    name = named(((each, each) for each in roster.calendars or {}), key, "on_call.calendar_gone")
    if argument(arguments, 1) != "yes":
        return await visit.show(view.removing(name, key, visit.t))
    await visit.show(plan_view.show(await on_call.remove_calendar(visit.acting, name), visit.t))


SECTION = Section(
    taps={"oc.import": _import, "oc.take": _take, "oc.drop": _drop, "oc.calendar": _calendar},
    forms={_FORM: _sent},
)
