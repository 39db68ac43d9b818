"""Files in the emulated cloud: kept in memory, known by file_id, fetched by path."""

import io
from dataclasses import dataclass, field
from itertools import count

from PIL import Image, UnidentifiedImageError

from .errors import bad_request
from .model import Body

MAX_DOWNLOAD = 20 * 1024 * 1024
"""Bytes that getFile serves at most."""
MAX_UPLOAD = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
_PHOTO_SIDES = (90, 320, 800, 1280)
_FOLDERS = {"photo": "photos", "voice": "voice", "video": "videos", "sticker": "stickers"}
_MIME = {"voice": "audio/ogg", "video": "video/mp4", "sticker": "image/webp", "photo": "image/jpeg"}
_ENDINGS = {"voice": "oga", "video": "mp4", "sticker": "webp", "photo": "jpg"}
_PREFIX = {"photo": "AgACAgIAAxk", "voice": "AwACAgIAAxk", "video": "BAACAgIAAxk", "sticker": "CAACAgIAAxk"}


@dataclass(slots=True)
class StoredFile:
    """One file: `path` is what getFile answers as file_path."""

    file_id: str
    unique_id: str
    path: str
    mime: str
    content: bytes

    def view(self) -> Body:
        """The File object, without its path."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.content)}


@dataclass(slots=True)
class FileStore:
    """All files. `contents` remembers what each file_id was sent as: (kind, the message's part)."""

    by_id: dict[str, StoredFile] = field(default_factory=dict)
    by_path: dict[str, StoredFile] = field(default_factory=dict)
    contents: dict[str, tuple[str, Body]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def store(self, kind: str, content: bytes, *, name: str = "", mime: str = "") -> StoredFile:
        number = next(self._numbers)
        ending = name.rpartition(".")[2] if "." in name else _ENDINGS.get(kind, "bin")
        stored = StoredFile(
            file_id=f"{_PREFIX.get(kind, 'BQACAgIAAxk')}BAAI{number:012d}",
            unique_id=f"AQAD{number:010d}",
            path=f"{_FOLDERS.get(kind, 'documents')}/file_{number}.{ending}",
            mime=mime or _MIME.get(kind, "application/octet-stream"),
            content=content,
        )
        self.by_id[stored.file_id] = stored
        self.by_path[stored.path] = stored
        return stored

    def photo(self, content: bytes) -> Body:
        """`{"photo": [PhotoSize…]}`, smallest first; bytes that are no image keep one invented size."""
        sizes = [
            self.store("photo", data, name="photo.jpg").view() | {"width": width, "height": height}
            for width, height, data in _scaled(content)
        ]
        part: Body = {"photo": sizes}
        for size in sizes:
            self.contents[size["file_id"]] = ("photo", part)
        return part

    def media(self, kind: str, content: bytes, *, name: str = "", mime: str = "", **facts: object) -> Body:
        """`{kind: {...}}` for a video, voice message, document, sticker, animation or audio."""
        if kind == "photo":
            return self.photo(content)
        stored = self.store(kind, content, name=name, mime=mime)
        body = stored.view() | {key: value for key, value in facts.items() if value is not None}
        if kind != "sticker":
            body["mime_type"] = stored.mime
        if name and kind in ("document", "video", "audio", "animation"):
            body["file_name"] = name
        part: Body = {kind: body}
        self.contents[stored.file_id] = (kind, part)
        return part

    def again(self, kind: str, file_id: str) -> Body:
        """The part of a message for a file sent before; raises ApiError in Telegram's words."""
        known = self.contents.get(file_id)
        if known is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if known[0] != kind:
            raise bad_request(f"can't use file of type {known[0].capitalize()} as {kind.capitalize()}")
        return known[1]


def _scaled(content: bytes) -> list[tuple[int, int, bytes]]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return _thumbnails(image, content)
    except (UnidentifiedImageError, OSError):
        return [(90, 90, content), (1280, 1280, content)]


def _thumbnails(image: Image.Image, content: bytes) -> list[tuple[int, int, bytes]]:
    longest = max(image.size)
    found = []
    for side in _PHOTO_SIDES:
        if side >= longest:
            break
        small = image.convert("RGB")
        small.thumbnail((side, side))
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=85)
        found.append((*small.size, buffer.getvalue()))
    if longest <= _PHOTO_SIDES[-1]:
        found.append((*image.size, content))
    return found
