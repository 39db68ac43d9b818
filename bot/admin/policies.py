"""`/policies`: who is told when nobody takes a case, and what drivers are promised."""

from collections.abc import Awaitable, Callable

from bot.admin.forms import argument, written
from bot.admin.visit import Door, Reaching, Section, Visit
from bot.domain.case import Severity
from bot.domain.refusal import Refusal
from bot.domain.rights import Right
from bot.domain.usual_policies import Waits
from bot.operations import policies
from bot.operations.acting import Acting
from bot.operations.policies import Shown
from bot.telegram.incoming import Words
from bot.views import policies as view
from bot.views.callbacks import Go
from storage.repositories.desks import Form


async def _command(visit: Visit, _argument: str) -> None:
    await visit.show(view.show(await policies.show(visit.acting, _waits(visit)), visit.t))


async def _show(visit: Visit, _arguments: tuple[str, ...]) -> None:
    await _command(visit, "")


async def _one(visit: Visit, arguments: tuple[str, ...]) -> None:
    found = await policies.one(visit.acting, _severity(argument(arguments, 0)), _waits(visit))
    await visit.show(view.one(found, visit.t))


def _asking(what: str) -> Callable[[Visit, tuple[str, ...]], Awaitable[None]]:
    async def ask(visit: Visit, arguments: tuple[str, ...]) -> None:
        severity = _severity(argument(arguments, 0))
        found = await policies.one(visit.acting, severity, _waits(visit))
        await visit.ask(Form(f"pl.{what}", severity.value), view.ask(what, found, visit.t))

    return ask


def _answered(what: str) -> Callable[[Visit, Form, Words], Awaitable[None]]:
    async def answer(visit: Visit, form: Form, words: Words) -> None:
        severity = _severity(form.subject)
        found = await _ANSWERS[what](visit.closing(), severity, written(words), _waits(visit))
        await visit.show(view.one(found, visit.t))

    return answer


async def _always(visit: Visit, arguments: tuple[str, ...]) -> None:
    severity = _severity(argument(arguments, 0))
    found = await policies.set_hours(visit.acting, severity, "always", _waits(visit))
    await visit.show(view.one(found, visit.t))


async def _reset(visit: Visit, arguments: tuple[str, ...]) -> None:
    severity, waits = _severity(argument(arguments, 0)), _waits(visit)
    if argument(arguments, 1) != "yes":
        found = await policies.one(visit.acting, severity, waits)
        return await visit.show(view.resetting(found, visit.t))
    await visit.show(view.one(await policies.reset(visit.acting, severity, waits), visit.t))


def _severity(text: str) -> Severity:
    severity = view.severity_of(text)
    if severity is None:
        raise Refusal("button.old")
    return severity


def _waits(visit: Visit) -> Waits:
    return visit.reply.turn.services.limits.agent_takes


_ANSWERS: dict[str, Callable[[Acting, Severity, str, Waits], Awaitable[Shown]]] = {
    "levels": policies.set_levels,
    "hours": policies.set_hours,
    "promises": policies.set_promises,
    "repeat": policies.set_repeat,
}
SECTION = Section(
    doors=(Door("policies", Go("pl.show"), frozenset({Right.HOTLINE}), Reaching.OPERATOR),),
    commands={"policies": _command},
    taps={
        "pl.show": _show,
        "pl.one": _one,
        "pl.always": _always,
        "pl.reset": _reset,
        **{f"pl.{what}": _asking(what) for what in view.FORMS},
    },
    forms={f"pl.{what}": _answered(what) for what in view.FORMS},
)
