"""The verbs of the control API: JSON -> something that a person does -> JSON."""

import base64
import binascii
from collections.abc import Callable

from .groups import ALL_RIGHTS, topic_view
from .model import Body, Chat, Message
from .people import Person, profile
from .presence import Impossible
from .snapshot import chat_view
from .state import Bot
from .world import World

_MEDIA = ("photo", "voice", "video", "document", "audio", "animation")


def perform(world: World, act: Body) -> Body:
    """Carries out `{"as": id, "do": verb, ...}`; raises Impossible when it cannot be done."""
    verb = act.get("do")
    if verb == "arrive":
        return _arrive(world, act)
    person = world.person(int(_need(act, "as")))
    if verb in _MEDIA:
        return _media(person, act, str(verb))
    if verb not in _VERBS:
        raise Impossible(f"nobody can do {verb!r}; known: {', '.join(sorted((*_VERBS, *_MEDIA, 'arrive')))}")
    return _VERBS[verb](world, person, act)


def _arrive(world: World, act: Body) -> Body:
    named = {key: act[key] for key in ("username", "last_name", "phone_number") if act.get(key)}
    first_name = str(_need(act, "first_name"))
    return profile(world.person(int(_need(act, "id")), first_name, act.get("language_code"), **named).user)


def _need(act: Body, field: str) -> str | int:
    if field not in act or not isinstance(act[field], str | int):
        raise Impossible(f'"{field}" is missing')
    value: str | int = act[field]
    return value


def _number(act: Body, field: str) -> int:
    return int(_need(act, field))


def _content(encoded: object) -> bytes:
    try:
        return base64.b64decode(str(encoded), validate=True)
    except binascii.Error:
        raise Impossible('"content" is not base64') from None


def _where(act: Body) -> Body:
    return {"thread": act.get("thread"), "reply_to": act.get("reply_to")}


def _shown(message: Message) -> Body:
    return message.view()


def _media(person: Person, act: Body, kind: str) -> Body:
    content = _content(_need(act, "content"))
    caption, name = str(act.get("caption", "")), str(act.get("name", ""))
    return _shown(person.media(kind, content, caption, act.get("chat"), name=name, **_where(act)))


def _text(world: World, person: Person, act: Body) -> Body:
    return _shown(person.text(str(_need(act, "text")), act.get("chat"), **_where(act)))


def _start(world: World, person: Person, act: Body) -> Body:
    return _shown(person.start(str(act.get("payload", "")), act.get("chat")))


def _album(world: World, person: Person, act: Body) -> Body:
    photos = [_content(photo) for photo in act.get("photos", [])]
    sent = person.album(photos, act.get("captions", ()), act.get("chat"), thread=act.get("thread"))
    return {"messages": [message.view() for message in sent]}


def _sticker(world: World, person: Person, act: Body) -> Body:
    return _shown(person.sticker(str(act.get("emoji", "👍")), act.get("chat"), thread=act.get("thread")))


def _location(world: World, person: Person, act: Body) -> Body:
    latitude, longitude = float(act.get("latitude", 52.52)), float(act.get("longitude", 13.405))
    return _shown(person.location(latitude, longitude, act.get("chat"), thread=act.get("thread")))


def _contact(world: World, person: Person, act: Body) -> Body:
    return _shown(person.contact(act.get("chat"), thread=act.get("thread")))


def _press(world: World, person: Person, act: Body) -> Body:
    button = str(_need(act, "button"))
    return person.press(button, act.get("message"), act.get("chat"), stale=bool(act.get("stale"))).view()


def _tap(world: World, person: Person, act: Body) -> Body:
    return _shown(person.tap(str(_need(act, "button")), act.get("chat")))


def _web_app_data(world: World, person: Person, act: Body) -> Body:
    return _shown(person.web_app_data(str(act.get("button", "")), str(_need(act, "data")), act.get("chat")))


def _edit(world: World, person: Person, act: Body) -> Body:
    return _shown(person.edit(_number(act, "message"), str(_need(act, "text")), act.get("chat")))


def _react(world: World, person: Person, act: Body) -> Body:
    return _shown(person.react(_number(act, "message"), str(act.get("emoji", "")), act.get("chat")))


def _quietly(do: Callable[[World, Person, Body], object]) -> Callable[[World, Person, Body], Body]:
    def perform_it(world: World, person: Person, act: Body) -> Body:
        do(world, person, act)
        return {"ok": True}

    return perform_it


def _create_group(world: World, person: Person, act: Body) -> Body:
    supergroup, topics = bool(act.get("supergroup", True)), bool(act.get("topics", False))
    return chat_view(person.create_group(str(_need(act, "title")), supergroup=supergroup, topics=topics), 0)


def _migrate(world: World, person: Person, act: Body) -> Body:
    return chat_view(person.migrate(_number(act, "chat"), topics=bool(act.get("topics"))), 0)


def _create_topic(world: World, person: Person, act: Body) -> Body:
    return topic_view(person.create_topic(str(_need(act, "name")), _number(act, "chat")))


def _account(world: World, act: Body) -> Bot | Person:
    number = _number(act, "whom")
    return world.bots_by_id.get(number) or world.person(number)


def _promote(world: World, person: Person, act: Body) -> None:
    person.promote(_account(world, act), _number(act, "chat"), act.get("rights", ALL_RIGHTS))


def _delete_topic(world: World, person: Person, act: Body) -> None:
    refusal = str(act.get("refusal", "message thread not found"))
    person.delete_topic(_number(act, "thread"), _number(act, "chat"), refusal)


def _group(act: Body) -> Chat | int:
    return _number(act, "chat")


_VERBS: dict[str, Callable[[World, Person, Body], Body]] = {
    "text": _text,
    "start": _start,
    "album": _album,
    "sticker": _sticker,
    "location": _location,
    "contact": _contact,
    "press": _press,
    "tap": _tap,
    "web_app_data": _web_app_data,
    "edit": _edit,
    "react": _react,
    "delete": _quietly(lambda w, p, a: p.delete(_number(a, "message"), a.get("chat"))),
    "block": _quietly(lambda w, p, a: p.block(a.get("chat"))),
    "unblock": _quietly(lambda w, p, a: p.unblock(a.get("chat"))),
    "deactivate": _quietly(lambda w, p, a: p.deactivate()),
    "create_group": _create_group,
    "migrate": _migrate,
    "add": _quietly(lambda w, p, a: p.add(_account(w, a), _group(a))),
    "remove": _quietly(lambda w, p, a: p.remove(_account(w, a), _group(a))),
    "leave": _quietly(lambda w, p, a: p.leave(_group(a))),
    "promote": _quietly(_promote),
    "demote": _quietly(lambda w, p, a: p.demote(_account(w, a), _group(a))),
    "create_topic": _create_topic,
    "rename_topic": _quietly(
        lambda w, p, a: p.rename_topic(_number(a, "thread"), str(_need(a, "name")), _group(a))
    ),
    "close_topic": _quietly(lambda w, p, a: p.close_topic(_number(a, "thread"), _group(a))),
    "reopen_topic": _quietly(lambda w, p, a: p.reopen_topic(_number(a, "thread"), _group(a))),
    "delete_topic": _quietly(_delete_topic),
    "pin": _quietly(lambda w, p, a: p.pin(_number(a, "message"), _group(a))),
}
