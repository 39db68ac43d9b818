"""Text with markup -> plain text and MessageEntity objects, measured in UTF-16 units.

The HTML dialect, its error texts and the byte offsets in them follow `parse_html` of TDLib, which the real
Bot API server runs.
"""

import html
import re
from dataclasses import dataclass

from .errors import bad_request
from .model import Body

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_CHARACTER = re.compile(r"&(?:#x[0-9a-fA-F]{1,7}|#[0-9]{1,8}|lt|gt|amp|quot);?")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_SPACE = re.compile(r"\s*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/@.:])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/]))"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<url>https?://[^\s<>\"]*[^\s<>\".,;:!?)\]])"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31})"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)"
    r"|(?P<phone_number>(?<!\w)\+\d[\d -]{6,16}\d)"
)
_OPAQUE = ("code", "pre", "text_link", "text_mention")


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: characters outside the basic plane count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int


class _HtmlReader:
    """One pass over one text; `entities` and `text` are complete after `read`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._parts: list[str] = []
        self._offset = 0
        self._open: list[_Open] = []
        self.entities: list[Body] = []

    def read(self) -> tuple[str, list[Body]]:
        while self._at < len(self._source):
            character = self._source[self._at]
            if character == "<":
                closing = self._source.startswith("</", self._at)
                (self._read_end_tag if closing else self._read_start_tag)()
            elif character == "&" and (match := _CHARACTER.match(self._source, self._at)):
                self._put(html.unescape(match[0] if match[0].endswith(";") else match[0] + ";"))
                self._at = match.end()
            else:
                self._put_plain()
        if self._open:
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        return "".join(self._parts), self.entities

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._offset += utf16_length(text)

    def _put_plain(self) -> None:
        ends = [end for end in (self._source.find(mark, self._at + 1) for mark in "<&") if end >= 0]
        end = min(ends, default=len(self._source))
        self._put(self._source[self._at : end])
        self._at = end

    def _bytes_before(self, position: int) -> int:
        return len(self._source[:position].encode("utf-8", "surrogatepass"))

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._source, self._at)
        taken = match[0] if match else ""
        self._at += len(taken)
        return taken

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _read_start_tag(self) -> None:
        begin = self._at
        self._at += 1
        tag = self._take(_NAME).lower()
        offset = self._bytes_before(begin)
        if not self._peek():
            raise _cannot(f"Unclosed start tag at byte offset {offset}")
        if tag not in _TAGS:
            raise _cannot(f'Unsupported start tag "{tag}" at byte offset {offset}')
        argument = ""
        while self._take(_SPACE) or self._peek() != ">":
            if self._peek() == ">":
                break
            name, value = self._read_attribute(tag, offset)
            argument = _argument(tag, name, value) or argument
        if tag == "span" and argument != "spoiler":
            raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
        self._at += 1
        self._open.append(_Open(tag, argument, self._offset))

    def _read_attribute(self, tag: str, offset: int) -> tuple[str, str]:
        name = self._take(_ATTRIBUTE_NAME)
        if not name:
            if not self._peek():
                raise _cannot(f"Unclosed start tag at byte offset {offset}")
            raise _cannot(f'Empty attribute name in the tag "{tag}" at byte offset {offset}')
        self._take(_SPACE)
        if self._peek() != "=":
            if (tag, name) == ("blockquote", "expandable"):
                return name, name
            raise _cannot(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}"'
                f" at byte offset {offset}"
            )
        self._at += 1
        self._take(_SPACE)
        return name, self._read_value(tag, offset)

    def _read_value(self, tag: str, offset: int) -> str:
        quote = self._peek()
        if not quote:
            raise _cannot(f'Unclosed start tag "{tag}" at byte offset {offset}')
        if quote not in "'\"":
            begin = self._bytes_before(self._at)
            value = self._take(_TOKEN).lower()
            if not self._peek().isspace() and self._peek() != ">":
                raise _cannot(f"Unexpected end of name token at byte offset {begin}")
            return value
        end = self._source.find(quote, self._at + 1)
        if end < 0 or end + 1 >= len(self._source):
            raise _cannot(f"Unclosed start tag at byte offset {offset}")
        value = self._source[self._at + 1 : end]
        self._at = end + 1
        return _CHARACTER.sub(lambda match: html.unescape(match[0]), value)

    def _read_end_tag(self) -> None:
        begin = self._at
        offset = self._bytes_before(begin)
        if not self._open:
            raise _cannot(f"Unexpected end tag at byte offset {offset}")
        self._at += 2
        found = self._take(_NAME).lower()
        self._take(_SPACE)
        if self._peek() != ">":
            raise _cannot(f"Unclosed end tag at byte offset {offset}")
        self._at += 1
        expected = self._open[-1].tag
        if found and found != expected:
            raise _cannot(
                f'Unmatched end tag at byte offset {offset}, expected "</{expected}>", found "</{found}>"'
            )
        self._close(self._open.pop())

    def _close(self, opened: _Open) -> None:
        length = self._offset - opened.offset
        parent = self._open[-1] if self._open else None
        if opened.tag == "code" and parent and parent.tag == "pre" and parent.offset == opened.offset:
            # Telegram folds <pre><code class="language-x"> into one block with a language.
            parent.argument = opened.argument
            return
        if length:
            text = "" if opened.argument else self._tail(length)
            self.entities.extend(_entity(opened, length, text))

    def _tail(self, length: int) -> str:
        units = "".join(self._parts).encode("utf-16-le", "surrogatepass")
        return units[-length * 2 :].decode("utf-16-le", "surrogatepass")


def _cannot(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")


def _argument(tag: str, name: str, value: str) -> str:
    if tag == "a" and name == "href":
        return value
    if tag == "code" and name == "class" and value.startswith("language-"):
        return value.removeprefix("language-")
    if tag == "span" and name == "class" and value.startswith("tg-"):
        return value.removeprefix("tg-")
    if (tag, name) in (("tg-emoji", "emoji-id"), ("blockquote", "expandable")):
        return value
    return ""


def _entity(opened: _Open, length: int, text: str) -> list[Body]:
    body: Body = {"type": _TAGS[opened.tag], "offset": opened.offset, "length": length}
    if opened.tag == "a":
        url = opened.argument or text
        # A link without an address stays plain text, as with Telegram.
        return [body | {"url": url}] if ":" in url or "." in url else []
    if opened.tag == "pre" and opened.argument:
        body["language"] = opened.argument
    elif opened.tag == "tg-emoji":
        body["custom_emoji_id"] = opened.argument
    elif opened.tag == "blockquote" and opened.argument:
        body["type"] = "expandable_blockquote"
    return [body]


def find_entities(text: str) -> list[Body]:
    """Commands, links, mentions, hashtags, addresses and phone numbers that Telegram finds by itself."""
    found = []
    for match in _FOUND.finditer(text):
        offset = utf16_length(text[: match.start()])
        found.append({"type": match.lastgroup, "offset": offset, "length": utf16_length(match[0])})
    return found


def parse(source: str, parse_mode: str, given: list[Body] | None = None) -> tuple[str, list[Body]]:
    """Plain text and all its entities, sorted; raises ApiError when the markup does not parse.

    `given` are entities that the caller states instead of markup.
    """
    text, entities = source, list(given or [])
    if parse_mode.lower() == "html":
        text, entities = _HtmlReader(source).read() if "<" in source or "&" in source else (source, [])
    elif parse_mode:
        # Markdown is not spoken here; Telegram says the same of a mode that it does not know.
        raise bad_request("unsupported parse_mode")
    text, entities = _trimmed(text, entities)
    taken = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in _OPAQUE]
    for entity in find_entities(text):
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        # One that the caller states as well stands once.
        if entity not in entities and all(end <= low or begin >= high for low, high in taken):
            entities.append(entity)
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return text, entities


def _trimmed(text: str, entities: list[Body]) -> tuple[str, list[Body]]:
    kept = text.strip()
    if len(kept) == len(text):
        return text, entities
    lead = len(text) - len(text.lstrip())
    total = utf16_length(kept)
    moved = []
    for entity in entities:
        begin = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, total)
        if end > begin:
            moved.append(entity | {"offset": begin, "length": end - begin})
    return kept, moved
