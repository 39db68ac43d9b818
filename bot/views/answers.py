"""What an admin is shown of the answers that agents have ready."""

from bot.domain.answer import PLACEHOLDERS, filled
from bot.operations.answers import Answers, OneAnswer
from bot.views.callbacks import Go
from bot.views.i18n import Texts, Translate
from bot.views.menu import home
from bot.views.paging import cut, part, turning
from bot.views.screen import Button, Screen, columns, row

LABEL = 48


def show(found: Answers, page: int, t: Translate) -> Screen:
    """All of them by their beginnings."""
    shown, page, pages = part(found.answers, page)
    key = "answers.usual" if found.usual else "answers.own"
    buttons = [
        Button(
            cut(each.in_language(t.language, found.operator.language)[1], LABEL),
            Go("an.one", (str(each.id),)),
        )
        for each in shown
    ]
    turned = turning(page, pages, lambda turn: Go("an.list", (str(turn),)), t)
    add = row(Button(t("answers.add"), Go("an.add")))
    text = f"{t('answers.head', operator=found.operator.name)}\n{t(key)}"
    return Screen(text, (*columns(buttons, 1), *turned, add, home(t)))


def one(found: OneAnswer, texts: Texts, t: Translate) -> Screen:
    """One in all of its languages, as a driver would read it; each language can be written anew."""
    parts = [t("answers.one")]
    number = str(found.answer.id)
    buttons = []
    for code in texts.languages():
        language = texts.to(code)("language.name")
        text = found.answer.texts.get(code)
        said = t("answers.missing") if text is None else filled(text, _examples(found, t))
        parts.append(t("answers.in_language", language=language, text=said))
        buttons.append(Button(t("answers.write", language=language), Go("an.write", (number, code))))
    drop = Button(t("answers.drop"), Go("an.drop", (number,)))
    return Screen("\n\n".join(parts), (*columns(buttons, 2), row(drop), _back(t)))


def ask(language: str, before: str | None, t: Translate) -> Screen:
    """What to write; `before` is what it says so far, to be copied and changed."""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    parts = [t("answers.ask", language=language, known=known)]
    if before is not None:
        parts.append(t("answers.so_far", text=before))
    return Screen("\n\n".join(parts), (_back(t),))


def dropping(found: OneAnswer, t: Translate) -> Screen:
    """Asks whether that is meant."""
    text = cut(found.answer.in_language(t.language, found.operator.language)[1], LABEL)
    yes = Button(t("answers.drop_yes"), Go("an.drop", (str(found.answer.id), "yes")))
    return Screen(t("answers.drop_ask", text=text), (row(yes), _back(t)))


def _examples(found: OneAnswer, t: Translate) -> dict[str, str]:
    own = {"phone": found.operator.hotline_phone, "operator": found.operator.name}
    return {name: own.get(name) or t(f"answers.example_{name}") for name in PLACEHOLDERS}


def _back(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("answers.back"), Go("an.list")))
