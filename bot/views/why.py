"""The reasons of a judgement, in plain words."""

from bot.cases.drivers.why import Explained, Near
from bot.views import evidence
from bot.views.i18n import Translate
from bot.views.screen import Screen


def show(explained: Explained | None, t: Translate) -> Screen:
    """What was weighed, and what nearly came instead."""
    if explained is None:
        return Screen(t("why.nothing"))
    judgement = explained.judgement
    head = t(
        "why.why",
        verdict=t(f"verdict.{judgement.verdict}"),
        rule=judgement.rule_id,
        action_class=judgement.action_class,
        time=t.clock(judgement.judged_at, explained.operator.time_zone),
    )
    weighed = [
        t("agent.evidence", what=what, value=value)
        for what, value in (evidence.told(key, found, t) for key, found in judgement.evidence)
    ]
    because = "\n".join([f"<b>{t('why.because')}</b>", *weighed])
    return Screen("\n\n".join([head, because, _nearly(explained.nearly, t)]).strip())


def _nearly(nearly: tuple[Near, ...] | None, t: Translate) -> str:
    if nearly is None:
        return t("why.changed")
    if not nearly:
        return ""
    return "\n".join([f"<b>{t('why.nearly')}</b>", *(_line(near, t) for near in nearly)])


def _line(near: Near, t: Translate) -> str:
    (condition,) = near.looked.unmet
    words = sorted(t.word(word, condition.fact, "value") for word in condition.words)
    return t(
        "why.nearly_line",
        verdict=t(f"verdict.{near.verdict}"),
        what=t(f"evidence.{condition.fact}"),
        words=" / ".join(words),
    )
