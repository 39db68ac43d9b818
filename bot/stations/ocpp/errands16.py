"""Errands in the words of OCPP 1.6."""

from collections.abc import Mapping

from bot.domain.errand import ClearCache, Errand, ErrandAnswer, FetchLog, ReadConfiguration, ReplaceLocalList
from bot.domain.remote_action import CommandAnswer
from bot.stations.ocpp.commands import answer_of, chunks
from bot.stations.ocpp.dialect import CallStation
from bot.stations.ocpp.fields import Fields
from bot.stations.ocpp.frames import JsonObject
from bot.stations.ocpp.v16 import wire_time

_KEY, _VALUE, _FILE_NAME = 50, 500, 255
_KEPT_KEY, _KEPT_VALUE = 100, 1000


async def run(errand: Errand, call: CallStation) -> ErrandAnswer:
    """Runs an errand; the errors of `call` pass through."""
    match errand:
        case ReadConfiguration(keys=keys):
            return await _read(keys, call)
        case FetchLog():
            return await _fetch_log(errand, call)
        case ClearCache():
            return ErrandAnswer(answer_of(await call("ClearCache", {})))
        case ReplaceLocalList():
            return ErrandAnswer(answer_of(await call("SendLocalList", _list(errand))))


async def _read(keys: tuple[str, ...], call: CallStation) -> ErrandAnswer:
    values: dict[str, str | None] = {}
    unknown: list[str] = []
    # A station takes only as many keys at once as its GetConfigurationMaxKeys says.
    requests: list[JsonObject] = [{"key": list(some)} for some in chunks(keys)] or [{}]
    for request in requests:
        answer = Fields(await call("GetConfiguration", request), set())
        values |= _values(answer)
        unknown += _texts(answer.raw("unknownKey"))
    return ErrandAnswer(CommandAnswer.ACCEPTED, values, tuple(unknown))


def _values(answer: Fields) -> Mapping[str, str | None]:
    entries = answer.parts("configurationKey")
    named = ((entry.text("key", _KEY, _KEPT_KEY), entry) for entry in entries)
    return {key: entry.text("value", _VALUE, _KEPT_VALUE) for key, entry in named if key is not None}


def _texts(found: object) -> list[str]:
    return [text[:_KEPT_KEY] for text in found if isinstance(text, str)] if isinstance(found, list) else []


async def _fetch_log(errand: FetchLog, call: CallStation) -> ErrandAnswer:
    asked: JsonObject = {"location": errand.upload_url}
    if errand.since is not None:
        asked["startTime"] = wire_time(errand.since)
    name = Fields(await call("GetDiagnostics", asked), set()).text("fileName", _FILE_NAME)
    # OCPP 1.6, section 6.26: no file is named where there is nothing to be uploaded.
    answer = CommandAnswer.REJECTED if name is None else CommandAnswer.ACCEPTED
    return ErrandAnswer(answer, file_name=name)


def _list(errand: ReplaceLocalList) -> JsonObject:
    cards = [{"idTag": id_tag, "idTagInfo": {"status": "Accepted"}} for id_tag in errand.id_tags]
    return {"listVersion": errand.version, "updateType": "Full", "localAuthorizationList": cards}
