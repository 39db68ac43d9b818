"""Errands in the words of OCPP 2.0.1."""

import asyncio
import re
from collections.abc import Sequence

from bot.domain.errand import ClearCache, Errand, ErrandAnswer, FetchLog, ReadConfiguration, ReplaceLocalList
from bot.domain.remote_action import CommandAnswer
from bot.stations.ocpp.commands import answer_of, chunks
from bot.stations.ocpp.commands201 import request_id
from bot.stations.ocpp.dialect import CallStation
from bot.stations.ocpp.fields import Fields
from bot.stations.ocpp.frames import JsonObject
from bot.stations.ocpp.reports201 import Key, Reports, key_in, key_of
from bot.stations.ocpp.v16 import wire_time

REPORT_WITHIN = 60.0
"""Seconds that a station may take to tell all of its settings."""
_BASES = ("ConfigurationInventory", "SummaryInventory")
"""What can be set; a station that cannot tell that may tell what is not as usual."""
_VALUE, _FILE_NAME = 2500, 255
_KEPT_VALUE = 1000
_KNOWN = frozenset({"accepted", "rejected"})
_CARD = re.compile(r"(?:[0-9A-Fa-f]{2}){4}|(?:[0-9A-Fa-f]{2}){7}|(?:[0-9A-Fa-f]{2}){10}")
"""The number of a card of ISO 14443 has 4, 7 or 10 bytes."""


class Errands:
    """Runs errands on one connection."""

    def __init__(self, reports: Reports, report_within: float = REPORT_WITHIN) -> None:
        self._reports = reports
        self._report_within = report_within

    async def run(self, errand: Errand, call: CallStation) -> ErrandAnswer:
        """Runs an errand; the errors of `call` pass through.

        Where a report breaks off, the answer is NO_ANSWER with the values that came till then.
        """
        match errand:
            case ReadConfiguration(keys=()):
                return await self._read_all(call)
            case ReadConfiguration(keys=keys):
                return await _read(keys, call)
            case FetchLog():
                return await _fetch_log(errand, call)
            case ClearCache():
                return ErrandAnswer(answer_of(await call("ClearCache", {})))
            case ReplaceLocalList():
                return ErrandAnswer(answer_of(await call("SendLocalList", _list(errand))))

    async def _read_all(self, call: CallStation) -> ErrandAnswer:
        answer = ErrandAnswer(CommandAnswer.NOT_SUPPORTED)
        for base in _BASES:
            answer = await self._report(base, call)
            if answer.answer is not CommandAnswer.NOT_SUPPORTED:
                break
        return answer

    async def _report(self, base: str, call: CallStation) -> ErrandAnswer:
        number = request_id()
        # The first part may arrive before the answer to the call.
        report = self._reports.expect(number)
        try:
            said = await call("GetBaseReport", {"requestId": number, "reportBase": base})
            if str(said.get("status")).casefold() == "emptyresultset":
                return ErrandAnswer(CommandAnswer.ACCEPTED)
            if answer_of(said) is not CommandAnswer.ACCEPTED:
                return ErrandAnswer(answer_of(said))
            async with asyncio.timeout(self._report_within):
                await report.whole.wait()
        except TimeoutError:
            return ErrandAnswer(CommandAnswer.NO_ANSWER, dict(report.values))
        finally:
            self._reports.forget(number)
        return ErrandAnswer(CommandAnswer.ACCEPTED, dict(report.values))


async def _read(names: tuple[str, ...], call: CallStation) -> ErrandAnswer:
    keys = {name: key_of(name) for name in names}
    values: dict[str, str | None] = {}
    # A station takes only as many variables at once as its ItemsPerMessageGetVariables says.
    for some in chunks([key for key in keys.values() if key is not None]):
        values |= await _variables(some, call)
    found = {name: values[str(key)] for name, key in keys.items() if key and str(key) in values}
    return ErrandAnswer(CommandAnswer.ACCEPTED, found, tuple(name for name in keys if name not in found))


async def _variables(keys: Sequence[Key], call: CallStation) -> dict[str, str | None]:
    """The values of those that the station knows; it may spell their names in another case."""
    answer = Fields(await call("GetVariables", {"getVariableData": [key.wording for key in keys]}), set())
    asked = {str(key).casefold(): str(key) for key in keys}
    values: dict[str, str | None] = {}
    for result in answer.parts("getVariableResult"):
        name = asked.get(str(key_in(result)).casefold())
        status = (result.text("attributeStatus", 50) or "").casefold()
        if name is not None and status in _KNOWN:
            told = result.text("attributeValue", _VALUE, _KEPT_VALUE) or ""
            values[name] = told if status == "accepted" else None
    return values


async def _fetch_log(errand: FetchLog, call: CallStation) -> ErrandAnswer:
    log: JsonObject = {"remoteLocation": errand.upload_url}
    if errand.since is not None:
        log["oldestTimestamp"] = wire_time(errand.since)
    asked: JsonObject = {"logType": "DiagnosticsLog", "requestId": request_id(), "log": log}
    said = await call("GetLog", asked)
    return ErrandAnswer(answer_of(said), file_name=Fields(said, set()).text("filename", _FILE_NAME))


def _list(errand: ReplaceLocalList) -> JsonObject:
    replaced: JsonObject = {"versionNumber": errand.version, "updateType": "Full"}
    cards = [{"idToken": _token(id_tag), "idTokenInfo": {"status": "Accepted"}} for id_tag in errand.id_tags]
    # The list must not be empty; where it is left out, the station's own is emptied.
    return replaced | {"localAuthorizationList": cards} if cards else replaced


def _token(id_tag: str) -> JsonObject:
    return {"idToken": id_tag, "type": "ISO14443" if _CARD.fullmatch(id_tag) else "Central"}
