"""`/export` and `/import`: stations as a file that spreadsheets open."""

from dataclasses import replace

from bot.admin.stations import arrived
from bot.admin.visit import Door, Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import station_import
from bot.operations.station_csv import MOST_BYTES
from bot.telegram.incoming import Words
from bot.views import station_files as view
from bot.views.screen import Attachment
from storage.repositories.desks import Form

_FORM = "sf.file"
_MIME = "text/csv"


async def _menu(visit: Visit, _arguments: tuple[str, ...]) -> None:
    visit.who.need_somewhere(Right.STATION_LIST)
    await arrived(visit)
    await visit.show(view.menu(visit.t, may_import=bool(visit.who.reach(Right.STATIONS))))


async def _columns(visit: Visit, _arguments: tuple[str, ...]) -> None:
    visit.who.need_somewhere(Right.STATION_LIST)
    await visit.show(view.described(visit.t))


async def _export(visit: Visit, _arguments: tuple[str, ...] | str) -> None:
    content = await station_import.export(visit.acting, view.decimal_sign(visit.t))
    day = visit.acting.now.date().isoformat()
    name = f"stations-{visit.operator.id}-{day}.csv"
    await visit.reply.hand(Attachment(name, content, _MIME), view.handed(visit.t))


async def _import(visit: Visit, _arguments: tuple[str, ...] | str) -> None:
    await station_import.may_import(visit.acting)
    await visit.ask(Form(_FORM), view.ask(visit.t))


async def _sent(visit: Visit, _form: Form, words: Words) -> None:
    """With mistakes the form stays open: the file is mended and sent again."""
    await station_import.may_import(visit.acting)
    content = await _content(visit, words)
    closed = replace(visit.desk, form=None)
    found = await station_import.offer(
        visit.acting, content, lambda uow: uow.desks.put(closed, visit.acting.now)
    )
    await visit.show(view.preview(found, visit.t))


async def _content(visit: Visit, words: Words) -> bytes:
    """The file, or the table as it was pasted."""
    document = words.document
    if document is None:
        said = words.message.words
        if not said:
            raise Refusal("csv.no_file")
        return said.encode()
    if document.size is not None and document.size > MOST_BYTES:
        raise Refusal("csv.too_large", most=str(MOST_BYTES // 1024 // 1024))
    return await visit.reply.download(document.file_id)


async def _apply(visit: Visit, arguments: tuple[str, ...]) -> None:
    outcome = await station_import.apply(visit.closing(), arguments[0] if arguments else "")
    await visit.show(view.applied(outcome, visit.t))


async def _drop(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await station_import.discard(visit.closing())
    await visit.show(view.discarded(visit.t))


SECTION = Section(
    commands={"export": _export, "import": _import},
    taps={
        "sf.menu": _menu,
        "sf.columns": _columns,
        "sf.export": _export,
        "sf.import": _import,
        "sf.apply": _apply,
        "sf.drop": _drop,
    },
    forms={_FORM: _sent},
    doors=(Door("files", view.MENU, frozenset({Right.STATION_LIST})),),
)
