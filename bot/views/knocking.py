"""What an admin is shown of stations that knock."""

from bot.domain.knock import Knock
from bot.operations.knocking import Adopted, Knocking, NotTheirs, WhereTo
from bot.views.callbacks import Go, short
from bot.views.i18n import Translate
from bot.views.menu import home
from bot.views.paging import cut, label
from bot.views.screen import Button, Screen, columns, row

MOST_SHOWN = 8
MOST_LOCATIONS = 40


def show(outcome: Knocking | NotTheirs | WhereTo | Adopted, t: Translate, zone: str) -> Screen:
    """The list, the question for a location, or what has become of it."""
    match outcome:
        case Knocking():
            return _list(outcome, t, zone)
        case NotTheirs():
            return Screen(t("knocking.not_theirs"), (home(t),))
        case WhereTo(knock, homes):
            return _where(knock, outcome, t) if homes else Screen(t("knocking.no_locations"), (_back(t),))
        case Adopted(station, (operator, location)):
            return Screen(
                t("knocking.adopted", station=station.id, location=location.name, operator=operator.name),
                (row(Button(t("knocking.to_evses"), Go("st.edit", (short(station.id),)))), _back(t)),
            )


def _list(outcome: Knocking, t: Translate, zone: str) -> Screen:
    if not outcome.knocks:
        return Screen(t("knocking.none"), (_again(t),))
    shown = outcome.knocks[:MOST_SHOWN]
    parts = [t("knocking.head", count=len(outcome.knocks)), *(_knock(each, t, zone) for each in shown)]
    if len(outcome.knocks) > MOST_SHOWN:
        parts.append(t("knocking.more", count=len(outcome.knocks) - MOST_SHOWN))
    buttons = [
        Button(label(t, "knocking.adopt", station=k.station_id), Go("kn.adopt", (short(k.station_id),)))
        for k in shown
    ]
    return Screen("\n\n".join(parts), (*columns(buttons, 1), _again(t)))


def _knock(knock: Knock, t: Translate, zone: str) -> str:
    shows = "certificate" if knock.security_profile >= 3 else "password" if knock.password else "nothing"  # noqa: PLR2004  # OCPP's profile 3.
    lines = [
        t("knocking.station", station=knock.station_id, times=knock.times, time=t.clock(knock.last_at, zone)),
        t(
            "knocking.shows",
            address=knock.address,
            protocols=", ".join(t.word(each, "protocol") for each in knock.protocols) or "–",
            shown=t(f"knocking.{shows}"),
        ),
    ]
    if knock.contested:
        lines.append(t("knocking.contested"))
    return "\n".join(lines)


def _where(knock: Knock, outcome: WhereTo, t: Translate) -> Screen:
    several = len({operator.id for operator, _ in outcome.homes}) > 1
    buttons = [
        Button(
            cut(f"{location.name} ({operator.name})" if several else location.name),
            Go("kn.adopt", (short(knock.station_id), short(f"{operator.id}/{location.id}"))),
        )
        for operator, location in outcome.homes[:MOST_LOCATIONS]
    ]
    return Screen(t("knocking.where", station=knock.station_id), (*columns(buttons, 1), _back(t)))


def _again(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("knocking.again"), Go("kn.list")), *home(t))


def _back(t: Translate) -> tuple[Button, ...]:
    return row(Button(t("knocking.back"), Go("kn.list")))
