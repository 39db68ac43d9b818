"""`/answers`: what agents have ready to say, in each language."""

from bot.admin.forms import argument, number, written
from bot.admin.visit import Door, Reaching, Section, Visit
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.operations import answers
from bot.operations.answers import OneAnswer
from bot.telegram.incoming import Words
from bot.views import answers as view
from bot.views.callbacks import Go
from storage.repositories.desks import Form

_FORM = "an.text"


async def _command(visit: Visit, _argument: str) -> None:
    await visit.show(view.show(await answers.show(visit.acting), 0, visit.t))


async def _list(visit: Visit, arguments: tuple[str, ...]) -> None:
    await visit.show(view.show(await answers.show(visit.acting), number(arguments), visit.t))


async def _one(visit: Visit, arguments: tuple[str, ...]) -> None:
    await _shown(visit, await answers.one(visit.acting, _number(argument(arguments, 0))))


async def _add(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await answers.show(visit.acting)
    await _ask(visit, Form(_FORM, asks=visit.t.language), None)


async def _write(visit: Visit, arguments: tuple[str, ...]) -> None:
    code = argument(arguments, 1)
    found = await answers.one(visit.acting, _number(argument(arguments, 0)))
    if code not in visit.reply.context.texts.by_language:
        raise Refusal("button.old")
    await _ask(visit, Form(_FORM, str(found.answer.id), code), found.answer.texts.get(code))


async def _drop(visit: Visit, arguments: tuple[str, ...]) -> None:
    named = _number(argument(arguments, 0))
    if argument(arguments, 1) != "yes":
        return await visit.show(view.dropping(await answers.one(visit.acting, named), visit.t))
    await visit.show(view.show(await answers.drop(visit.acting, named), 0, visit.t))


async def _text(visit: Visit, form: Form, words: Words) -> None:
    text = written(words)
    if form.subject:
        found = await answers.reword(visit.closing(), _number(form.subject), form.asks, text)
    else:
        found = await answers.add(visit.closing(), form.asks, text)
    await _shown(visit, found)


async def _ask(visit: Visit, form: Form, before: str | None) -> None:
    language = visit.reply.context.texts.to(form.asks)("language.name")
    await visit.ask(form, view.ask(language, before, visit.t))


async def _shown(visit: Visit, found: OneAnswer) -> None:
    await visit.show(view.one(found, visit.reply.context.texts, visit.t))


def _number(text: str) -> int:
    if not text.removeprefix("-").isdecimal():
        raise Refusal("button.old")
    return int(text)


SECTION = Section(
    commands={"answers": _command},
    taps={"an.list": _list, "an.one": _one, "an.add": _add, "an.write": _write, "an.drop": _drop},
    forms={_FORM: _text},
    doors=(Door("answers", Go("an.list"), frozenset({Right.HOTLINE}), Reaching.OPERATOR),),
)
