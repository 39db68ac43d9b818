"""What somebody is shown who wants to hear when an EVSE works again."""

from bot.cases.outcomes import Watching
from bot.domain.operator import Place
from bot.domain.status import ConnectorStatus, Link, StationSnapshot
from bot.views.callbacks import Notify, Pick
from bot.views.i18n import Translate
from bot.views.screen import Button, Keyboard, Screen, row

_BROKEN = frozenset({ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE})


def button(evse_id: str, t: Translate, *, on: bool) -> tuple[Button, ...]:
    """A row that offers it, or takes it back where it is `on`."""
    return row(Button(t("watch.leave" if on else "watch.offer"), Notify(evse_id, on=not on)))


def offered(place: Place, snapshot: StationSnapshot, t: Translate) -> Keyboard:
    """The same where a station is known to be out of order, for whoever has just scanned it."""
    state = snapshot.connector
    broken = snapshot.link is Link.OFFLINE or (state is not None and state.status in _BROKEN)
    return (button(place.evse.evse_id, t, on=False),) if broken else ()


def show(outcome: Watching, rest: Keyboard, t: Translate) -> Screen:
    """What was just chosen; `rest` are the buttons of the person's own case of that EVSE."""
    evse_id = outcome.place.evse.evse_id
    if outcome.until is None:
        text = t("watch.off", evse=evse_id)
    else:
        text = t("watch.on", evse=evse_id, day=t.date_of(outcome.until, outcome.place.operator.time_zone))
    if outcome.standing is not None:
        return Screen(text, rest)
    report = row(Button(t("watch.report"), Pick(evse_id)))
    return Screen(text, (button(evse_id, t, on=outcome.until is not None), report))


def works(place: Place, t: Translate) -> Screen:
    """It works again."""
    return Screen(t("watch.works", name=place.location.name, evse=place.evse.evse_id))
