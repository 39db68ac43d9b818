"""The end of a station's service: its open cases become the operator's own, and everybody in them learns of it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cases import own_people
from bot.cases.drivers import escalation
from bot.cases.services import Services
from bot.cases.telling import tell_driver, tell_staff
from bot.domain.case import HUMAN_STATES, SERVICE_ENDED, Case, Severity, Trigger, move
from bot.domain.operator import Station
from storage.uow import UnitOfWork


def service_ended(uow: UnitOfWork, services: Services, stations: Sequence[Station]) -> None:
    """Hands the open cases of stations over, in the transaction that ends their service.

    The cases are closed: their deadlines and topics end, a ladder goes no further, though it still puts a connector
    back that it has taken out of use. The operator's own people get what is known of each case, its driver reads whom
    to turn to, and a technician who was asked hears who has the job from now on. Whoever chose a symptom just now at
    one of the stations is told the same when they send it.
    """
    ended = {station.id for station in stations}
    handed = [(case, _hand_over(uow, services, case)) for case in uow.cases.open_at_stations(ended)]
    for before, after in handed:
        if before.state in HUMAN_STATES:
            # Reports of the same trouble from the site's other stations may have waited for this one.
            escalation.hand_on(uow, services, after)


def left_behind(uow: UnitOfWork, services: Services) -> int:
    """The same for stations whose service the operator's file has ended, or of which a case came at that very moment.

    How many stations there were.
    """
    found = [
        station
        for each in uow.cases.stations_left_behind()
        if (station := uow.operators.station(each)) is not None
    ]
    service_ended(uow, services, found)
    return len(found)


def _hand_over(uow: UnitOfWork, services: Services, before: Case) -> Case:
    now = services.now()
    after = replace(move(before, Trigger.CLOSE, now), resolution=SERVICE_ENDED)
    uow.cases.save(before, after)
    uow.cases.note(after.id, now, SERVICE_ENDED)
    job = uow.jobs.open_of(after.id)
    escalation.settled(uow, services, after, SERVICE_ENDED)
    once = str(after.version)
    for contact in own_people.of_operator(uow, after.operator_id):
        tell_staff(uow, services, after, contact, "handed_over", once)
    if job is not None:
        # It is theirs even where the station has another technician by now.
        tell_staff(uow, services, after, job.contact, "job_handed_over", once)
    notice = f"{SERVICE_ENDED}_danger" if before.severity is Severity.P1 else SERVICE_ENDED
    tell_driver(uow, services, after, notice, once)
    return after
