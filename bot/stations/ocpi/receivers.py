"""The modules that we serve: credentials, locations and sessions as their receiver, and the results of commands."""

from collections.abc import Awaitable, Callable

from bot.domain.ocpi import JsonObject, Peer, key_of
from bot.stations.ocpi.commands import Commands
from bot.stations.ocpi.documents import (
    connector_of,
    merged,
    read_evse,
    read_location,
    read_session,
    with_connector,
)
from bot.stations.ocpi.intake import Intake
from bot.stations.ocpi.registration import Registration
from bot.stations.ocpi.server import NOT_FOUND, Asked, Module, Told
from bot.stations.ocpi.store import OcpiStore
from bot.stations.ocpi.wire import StatusCode, Unusable, object_of, text_or_none, time_of

_DONE = Told()
_UNKNOWN_LOCATION = Told(code=StatusCode.UNKNOWN_LOCATION, message="no such location or EVSE", http=404)
_NOT_ALLOWED = Told(code=StatusCode.CLIENT_ERROR, message="not in this state of registration", http=405)
_OTHER_PARTY = Told(code=StatusCode.WRONG_PARAMETERS, message="not a party of these credentials", http=404)


def is_spoken_for(peer: Peer, party: tuple[str, str] | None) -> bool:
    """Whether what a party owns is taken from this peer.

    A platform may speak for many operators: of several, only those that its credentials name are ours to take.
    """
    parties = [each for each in peer.parties if each.role == "CPO"]
    return party is None or len(parties) <= 1 or any(each.is_same(*party) for each in parties)


class CredentialsModule:
    """Registration that the peer begins, changes or ends; `changed` is called after each of these."""

    def __init__(self, registration: Registration, changed: Callable[[], Awaitable[None]]) -> None:
        self._registration = registration
        self._changed = changed

    @property
    def module(self) -> Module:
        """For the server."""
        handlers = {"GET": self._get, "POST": self._post, "PUT": self._put, "DELETE": self._delete}
        return Module(handlers, "SENDER", open=True)

    async def _get(self, asked: Asked) -> Told:
        token = asked.peer.our_token or asked.peer.next_token
        return _NOT_ALLOWED if token is None else Told(self._registration.credentials(asked.peer, token))

    async def _post(self, asked: Asked) -> Told:
        # A peer whose handshake we began ourselves has no business to begin another within it.
        if asked.peer.registered or asked.peer.their_token is not None:
            return _NOT_ALLOWED
        return await self._taken(asked)

    async def _put(self, asked: Asked) -> Told:
        return await self._taken(asked) if asked.peer.registered else _NOT_ALLOWED

    async def _delete(self, asked: Asked) -> Told:
        if not asked.peer.registered:
            return _NOT_ALLOWED
        await self._registration.released(asked.peer)
        await self._changed()
        return _DONE

    async def _taken(self, asked: Asked) -> Told:
        data, code = await self._registration.taken(asked.peer, asked.body)
        await self._changed()
        return Told(data, code, None if data else "your API cannot be used")


class LocationsModule:
    """Locations, EVSEs and connectors that the peer pushes, under `/{country}/{party}/{location}[/…]`."""

    def __init__(self, store: OcpiStore, intake: Intake) -> None:
        self._store = store
        self._intake = intake

    @property
    def module(self) -> Module:
        """For the server."""
        return Module({"GET": self._get, "PUT": self._put, "PATCH": self._patch}, "RECEIVER")

    async def _get(self, asked: Asked) -> Told:
        match _below(asked):
            case [location]:
                found = await self._location(asked.peer, location)
            case [location, evse]:
                found = await self._evse(asked.peer, location, evse)
            case [location, evse, connector]:
                held = await self._evse(asked.peer, location, evse)
                found = connector_of(held, connector) if held is not None else None
            case _:
                return NOT_FOUND
        return _UNKNOWN_LOCATION if found is None else Told(found)

    async def _put(self, asked: Asked) -> Told:
        """The object as a whole."""
        body = object_of(asked.body, "body")
        match _below(asked):
            case [location]:
                return await self._keep_location(asked.peer, _named(body, "id", location))
            case [location, evse]:
                return await self._keep_evse(asked.peer, location, _named(body, "uid", evse))
            case [location, evse, connector]:
                return await self._keep_connector(asked, (location, evse), _named(body, "id", connector))
            case _:
                return NOT_FOUND

    async def _patch(self, asked: Asked) -> Told:
        """Some fields of the object; without `last_updated` they cannot be put in order, and are refused."""
        body = object_of(asked.body, "body")
        time_of(body, "last_updated")
        match _below(asked):
            case [location]:
                known = await self._store.location(asked.peer.id, location)
                if known is None:
                    return _UNKNOWN_LOCATION
                return await self._keep_location(asked.peer, merged(known.data, body | {"id": known.id}))
            case [location, evse]:
                held = await self._evse(asked.peer, location, evse)
                if held is None:
                    return _UNKNOWN_LOCATION
                same = {"uid": held["uid"]}
                return await self._keep_evse(asked.peer, location, merged(held, body | same))
            case [location, evse, connector]:
                held = await self._evse(asked.peer, location, evse)
                part = None if held is None else connector_of(held, connector)
                if part is None:
                    return _UNKNOWN_LOCATION
                whole = merged(part, body | {"id": part["id"]})
                return await self._keep_connector(asked, (location, evse), whole)
            case _:
                return NOT_FOUND

    async def _location(self, peer: Peer, location: str) -> JsonObject | None:
        known = await self._store.location(peer.id, location)
        if known is None:
            return None
        evses = await self._store.evses(peer.id, known.id)
        return known.data | {"evses": list(evses)}

    async def _evse(self, peer: Peer, location: str, evse: str) -> JsonObject | None:
        known = await self._store.evse(peer.id, location, evse)
        return None if known is None else known.data

    async def _keep_location(self, peer: Peer, body: JsonObject) -> Told:
        location = read_location(body)
        if not is_spoken_for(peer, location.party):
            return _OTHER_PARTY
        await self._intake.location(peer, location)
        return _DONE

    async def _keep_evse(self, peer: Peer, location: str, body: JsonObject) -> Told:
        known = await self._store.location(peer.id, location)
        if known is None:
            return _UNKNOWN_LOCATION
        await self._intake.evse(peer, read_evse(known.id, body))
        return _DONE

    async def _keep_connector(self, asked: Asked, at: tuple[str, str], body: JsonObject) -> Told:
        known = await self._store.location(asked.peer.id, at[0])
        held = await self._evse(asked.peer, *at)
        if known is None or held is None:
            return _UNKNOWN_LOCATION
        before = connector_of(held, str(body["id"]))
        if before is not None and time_of(body, "last_updated") < time_of(before, "last_updated"):
            return _DONE
        await self._intake.evse(asked.peer, with_connector(read_evse(known.id, held), body))
        return _DONE


class SessionsModule:
    """Sessions that the peer pushes, under `/{country}/{party}/{session}`."""

    def __init__(self, store: OcpiStore, intake: Intake) -> None:
        self._store = store
        self._intake = intake

    @property
    def module(self) -> Module:
        """For the server."""
        return Module({"GET": self._get, "PUT": self._put, "PATCH": self._patch}, "RECEIVER")

    async def _get(self, asked: Asked) -> Told:
        match _below(asked):
            case [session]:
                known = await self._store.session(asked.peer.id, session)
                return NOT_FOUND if known is None else Told(known.data)
            case _:
                return NOT_FOUND

    async def _put(self, asked: Asked) -> Told:
        match _below(asked):
            case [session]:
                return await self._keep(asked, _named(object_of(asked.body, "body"), "id", session))
            case _:
                return NOT_FOUND

    async def _patch(self, asked: Asked) -> Told:
        match _below(asked):
            case [session]:
                known = await self._store.session(asked.peer.id, session)
                if known is None:
                    return NOT_FOUND
                body = object_of(asked.body, "body")
                whole = merged(known.data, body | {"id": known.id})
                periods = _added(known.data, body)
                return await self._keep(asked, whole | periods)
            case _:
                return NOT_FOUND

    async def _keep(self, asked: Asked, body: JsonObject) -> Told:
        await self._intake.session(asked.peer, read_session(body))
        return _DONE


class CommandsModule:
    """Results of our commands, at the URLs that the commands named: `/{command}/{key}`."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    @property
    def module(self) -> Module:
        """For the server."""
        return Module({"POST": self._post}, "SENDER")

    async def _post(self, asked: Asked) -> Told:
        match asked.path:
            case (_, key):
                return _DONE if self._commands.take_result(asked.peer, key, asked.body) else NOT_FOUND
            case _:
                return NOT_FOUND


def _below(asked: Asked) -> list[str]:
    """What follows country and party; nothing where these are not there. Unusable where they are others'."""
    country, party, *rest = asked.path if len(asked.path) > 1 else ("", "")
    if rest and not is_spoken_for(asked.peer, (country, party)):
        raise Unusable("country_code, party_id")
    return rest


def _named(body: JsonObject, name: str, given: str) -> JsonObject:
    """The object under the id of its URL, in the case of letters that it has itself."""
    own = text_or_none(body, name)
    return body if own is not None and key_of(own) == key_of(given) else body | {name: given}


def _added(known: JsonObject, body: JsonObject) -> JsonObject:
    """A PATCH of a session adds to its charging periods, where any other field is replaced."""
    before, new = known.get("charging_periods"), body.get("charging_periods")
    if isinstance(before, list) and isinstance(new, list):
        return {"charging_periods": [*before, *new]}
    return {}
