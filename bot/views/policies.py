"""What an admin is shown of policies, in words."""

from datetime import timedelta

from bot.domain.case import Severity
from bot.domain.escalation import Policy, Target, TargetKind
from bot.domain.policy_data import day_spans, minutes_of, written_closing, written_target
from bot.domain.working_time import Hours, Window
from bot.operations.policies import Shown
from bot.views.callbacks import Go
from bot.views.i18n import Translate
from bot.views.lateness import exact
from bot.views.menu import home
from bot.views.screen import Button, Screen, columns, row

FORMS = ("levels", "hours", "promises", "repeat")


def show(found: tuple[Shown, ...], t: Translate) -> Screen:
    """All policies in short."""
    parts = [t("policies.head", operator=found[0].operator.name)]
    for each in found:
        parts += ["", _name(each, t), *_levels(each.policy, t), _hours(each.policy.hours, t)]
    buttons = [
        Button(t(f"policies.open_{each.policy.severity.value}"), Go("pl.one", (each.policy.severity.value,)))
        for each in found
    ]
    back = Button(t("hotline.back"), Go("hl.show"))
    return Screen("\n".join(parts), (*columns(buttons, 1), row(back), home(t)))


def one(found: Shown, t: Translate) -> Screen:
    """All of one policy, with what can be changed of it."""
    policy = found.policy
    level = policy.service_level
    promises = [
        t(f"policies.{name}", span=exact(span, t))
        for name, span in (("first_answer", level.first_answer), ("resolution", level.resolution))
        if span is not None
    ]
    warning = [t("policies.warning", share=round(level.warn_at * 100))] if promises else []
    again = policy.last_repeats
    text = [
        _name(found, t),
        "",
        *_levels(policy, t),
        t("policies.repeat", span=exact(again, t)) if again else t("policies.no_repeat"),
        "",
        *(promises or [t("policies.no_promises")]),
        *warning,
        _hours(policy.hours, t),
        "",
        t("policies.copied"),
    ]
    name = policy.severity.value
    buttons = [Button(t(f"policies.set_{each}"), Go(f"pl.{each}", (name,))) for each in FORMS]
    always = [] if policy.hours.always else [Button(t("policies.set_always"), Go("pl.always", (name,)))]
    reset = [Button(t("policies.reset"), Go("pl.reset", (name,)))] if found.own else []
    return Screen("\n".join(text), (*columns([*buttons, *always, *reset], 2), _back(t)))


def ask(what: str, found: Shown, t: Translate) -> Screen:
    """What to write, with what holds now in the form in which it is written."""
    now = _written(what, found.policy, t)
    text = t(f"policies.ask_{what}", now=now)
    return Screen(text, (row(Button(t("policies.back_one"), Go("pl.one", (found.policy.severity.value,)))),))


def resetting(found: Shown, t: Translate) -> Screen:
    """What it means, to be confirmed."""
    name = found.policy.severity.value
    yes = Button(t("policies.reset_yes"), Go("pl.reset", (name, "yes")))
    back = Button(t("policies.back_one"), Go("pl.one", (name,)))
    return Screen(t("policies.reset_ask", severity=t(f"policies.{name}")), (row(yes), row(back)))


def severity_of(text: str) -> Severity | None:
    """The severity of a button."""
    return next((each for each in Severity if each.value == text), None)


def _written(what: str, policy: Policy, t: Translate) -> str:
    level = policy.service_level
    match what:
        case "levels":
            return "\n".join(
                f"{minutes_of(each.after)} {', '.join(written_target(one) for one in each.targets)}"
                for each in policy.levels
            )
        case "hours":
            return _windows(policy.hours, t) or t("policies.always_word")
        case "promises":
            return f"{minutes_of(level.first_answer) or '-'} {minutes_of(level.resolution) or '-'}"
        case _:
            return str(minutes_of(policy.last_repeats) or "-")


def _name(found: Shown, t: Translate) -> str:
    own = t("policies.own") if found.own else t("policies.usual")
    return t("policies.name", name=t(f"policies.{found.policy.severity.value}"), own=own)


def _levels(policy: Policy, t: Translate) -> list[str]:
    lines = []
    before = timedelta()
    for level in policy.levels:
        who = ", ".join(_target(each, t) for each in level.targets)
        key = "at_once" if not level.after else "after_more" if before else "after"
        before += level.after
        lines.append(t(f"policies.{key}", span=exact(level.after, t), who=who))
    return lines


def _target(target: Target, t: Translate) -> str:
    match target.kind:
        case TargetKind.ON_CALL:
            return t("policies.on_call", layer=target.layer)
        case TargetKind.EMAIL:
            return target.address or ""
        case _:
            return t(f"policies.{target.kind.value}")


def _hours(hours: Hours, t: Translate) -> str:
    if hours.always:
        return t("policies.always")
    return t("policies.hours", hours=_windows(hours, t))


def _windows(hours: Hours, t: Translate) -> str:
    return ", ".join(_span(*each, t) for each in day_spans(hours))


def _span(first: Window, last: Window, t: Translate) -> str:
    days = dict.fromkeys(t(f"policies.day_{each.weekday}") for each in (first, last))
    return f"{'–'.join(days)} {first.opens:%H:%M}–{written_closing(first)}"


def _back(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("policies.back"), Go("pl.show")))
