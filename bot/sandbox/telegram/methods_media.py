"""Sending files, albums among them, and fetching files."""

from collections.abc import Callable

from .access import place_in, writable_chat
from .errors import TOO_LARGE, bad_request
from .files import MAX_DOWNLOAD, MAX_PHOTO, MAX_UPLOAD
from .methods_messages import caption_content, deliver
from .model import Body
from .params import Params, Upload
from .posting import post
from .state import Bot, State

_ALBUM_KINDS = ("photo", "video", "document", "audio")
_ALBUM_LEAST, _ALBUM_MOST = 2, 10
_FACTS = {
    "video": ("duration", "width", "height"),
    "voice": ("duration",),
    "audio": ("duration",),
    "animation": ("duration", "width", "height"),
}
_STICKER = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}


def _sender(kind: str) -> Callable[[State, Bot, Params], Body]:
    def send(state: State, bot: Bot, params: Params) -> Body:
        chat = writable_chat(state, bot, params)
        content = {} if kind == "sticker" else caption_content(params)
        return deliver(
            state, bot, chat, params, {**media_of(state, kind, params.text(kind), params), **content}
        )

    return send


def media_of(state: State, kind: str, reference: str, params: Params) -> Body:
    """The message's part for an uploaded file, an attach:// reference or a known file_id."""
    upload = params.files.get(reference.removeprefix("attach://")) if reference else params.files.get(kind)
    if upload is not None:
        return _stored(state, kind, upload, params)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        # There is no network behind this Telegram.
        raise bad_request("failed to get HTTP URL content")
    if reference.startswith("attach://"):
        raise bad_request(f"can't find uploaded file {reference}")
    return state.files.again(kind, reference)


def _stored(state: State, kind: str, upload: Upload, params: Params) -> Body:
    size = len(upload.content)
    if size > MAX_UPLOAD:
        raise TOO_LARGE
    if not size:
        raise bad_request("file must be non-empty")
    if kind == "photo" and size > MAX_PHOTO:
        raise bad_request(
            f"file of size {size} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes"
        )
    facts: Body = {fact: params.integer(fact) or 0 for fact in _FACTS.get(kind, ())}
    if kind == "sticker":
        facts = dict(_STICKER)
    return state.files.media(kind, upload.content, name=upload.name, mime=upload.mime, **facts)


def send_media_group(state: State, bot: Bot, params: Params) -> list[Body]:
    chat = writable_chat(state, bot, params)
    place = place_in(bot, chat, params)
    items = params.objects("media") or []
    if len(items) < _ALBUM_LEAST:
        raise bad_request("too few messages to send as an album")
    if len(items) > _ALBUM_MOST:
        raise bad_request("too much messages to send as an album")
    contents = [_album_item(state, item, params) for item in items]
    group = {"media_group_id": str(13_000_000_000_000_000 + next(state.numbers))}
    return [post(state, chat, bot.json, {**content, **group}, place=place).body for content in contents]


def _album_item(state: State, item: Body, params: Params) -> Body:
    kind = str(item.get("type"))
    if kind not in _ALBUM_KINDS:
        raise bad_request(f"can't parse InputMedia: Media type {kind} is not allowed in an album")
    own = Params(item, params.files)
    return {**media_of(state, kind, own.text("media"), own), **caption_content(own)}


def get_file(state: State, bot: Bot, params: Params) -> Body:
    stored = state.files.by_id.get(params.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return stored.view() | {"file_path": stored.path}


METHODS = {
    "sendphoto": _sender("photo"),
    "sendvoice": _sender("voice"),
    "sendvideo": _sender("video"),
    "senddocument": _sender("document"),
    "sendaudio": _sender("audio"),
    "sendanimation": _sender("animation"),
    "sendsticker": _sender("sticker"),
    "sendmediagroup": send_media_group,
    "getfile": get_file,
}
