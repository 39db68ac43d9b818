"""What people do with messages that are already there: press, edit, react, delete."""

from .entities import find_entities
from .model import Body, Chat, Message
from .posting import note_message, queue, remove, revise
from .presence import Impossible
from .speaking import Speaking
from .state import Press


class Acting(Speaking):
    """Pressing, editing, reacting; and leaving Telegram for good."""

    def press(
        self,
        button: str,
        message: Message | int | None = None,
        chat: Chat | int | None = None,
        *,
        stale: bool = False,
    ) -> Press:
        """Presses an inline button, named by callback data or label; the press will show the answer.

        Without `message` the newest one with such a button is meant. `stale` presses what an outdated screen
        still shows: a button of an earlier revision.
        """
        where = self.chat(chat)
        found = self.message(where, message) if message is not None else _with_button(where, button)
        wanted = found.button(button) if found is not None else None
        if wanted is None and found is not None and stale:
            wanted = next((b for old in reversed(found.revisions) if (b := _button_of(old, button))), None)
        if found is None or wanted is None:
            raise Impossible(f"there is no button {button!r}")
        if "callback_data" not in wanted:
            raise Impossible(f"the button {button!r} opens something else and tells the bot nothing")
        return self._ask(where, found, str(wanted["callback_data"]))

    def _ask(self, chat: Chat, message: Message, data: str) -> Press:
        bot = self.state.bots_by_id.get(message.sender)
        if bot is None:
            raise Impossible("this message is not from a bot")
        if chat.blocked:
            raise Impossible("unblock the bot before pressing its buttons")
        number = next(self.state.numbers)
        press = Press(f"{self.id}{number:09d}", self.id, bot.id, self.state.now())
        self.state.remember(press)
        query: Body = {
            "id": press.id,
            "from": self.user.json,
            "message": message.body,
            "chat_instance": str(chat.id),
            "data": data,
        }
        self.state.note(
            "press", chat, {"as": self.id, "message_id": message.id, "data": data, "query": press.id}
        )
        queue(self.state, bot, "callback_query", chat.id, query)
        return press

    def tap(self, label: str, chat: Chat | int | None = None) -> Message:
        """Presses a button of the reply keyboard: sends its text, the contact or the location it asks for."""
        where = self.chat(chat)
        rows = (where.keyboard or {}).get("keyboard", [])
        button = next((b for row in rows for b in row if b["text"] == label), None)
        if button is None:
            raise Impossible(f"the keyboard has no button {label!r}")
        if where.keyboard and where.keyboard.get("one_time_keyboard"):
            where.keyboard = None
        if button.get("request_contact"):
            return self.contact(where)
        if button.get("request_location"):
            return self.location(52.52, 13.405, where)
        if button.get("web_app"):
            raise Impossible("this button opens a Mini App; its data comes by web_app_data")
        return self.text(label, where)

    def web_app_data(self, label: str, data: str, chat: Chat | int | None = None) -> Message:
        """What a Mini App, opened from the reply keyboard's button `label`, sends back."""
        return self.send({"web_app_data": {"data": data, "button_text": label}}, chat)

    def edit(self, message: Message | int, text: str, chat: Chat | int | None = None) -> Message:
        """Changes the text or the caption of an own message."""
        where = self.chat(chat)
        found = self.message(where, message)
        if found.sender != self.id:
            raise Impossible("only own messages can be edited")
        plain = "text" in found.body
        field, entities = ("text", "entities") if plain else ("caption", "caption_entities")
        revise(self.state, where, found, {field: text, entities: find_entities(text) or None})
        return found

    def replace_media(
        self, message: Message | int, content: bytes, caption: str = "", chat: Chat | int | None = None
    ) -> Message:
        """Puts another photo in the place of an own one."""
        where = self.chat(chat)
        found = self.message(where, message)
        if found.sender != self.id or "photo" not in found.body:
            raise Impossible("only own photos can be replaced")
        changed: Body = {"caption": None, "caption_entities": None, **self._part("photo", content)}
        revise(self.state, where, found, changed | ({"caption": caption} if caption else {}))
        return found

    def delete(self, message: Message | int, chat: Chat | int | None = None) -> None:
        """Deletes a message; the bot is told nothing."""
        where = self.chat(chat)
        found = self.message(where, message)
        if found.sender != self.id and not self.may(where, "can_delete_messages"):
            raise Impossible("only own messages can be deleted")
        remove(self.state, where, found.id)

    def react(self, message: Message | int, emoji: str = "", chat: Chat | int | None = None) -> Message:
        """Sets a reaction; an empty emoji takes it back."""
        where = self.chat(chat)
        found = self.message(where, message)
        old = found.reactions.get(self.id, [])
        new: list[Body] = [{"type": "emoji", "emoji": emoji}] if emoji else []
        found.reactions[self.id] = new
        if not new:
            del found.reactions[self.id]
        note_message(self.state, "reaction", where, found)
        payload: Body = {
            "chat": where.json,
            "message_id": found.id,
            "user": self.user.json,
            "date": self.state.now(),
            "old_reaction": old,
            "new_reaction": new,
        }
        for bot in self.state.bots_by_id.values():
            member = where.members.get(bot.id)
            if where.bot_id == bot.id or (member is not None and member.status == "administrator"):
                queue(self.state, bot, "message_reaction", where.id, payload)
        return found

    def deactivate(self) -> None:
        """Deletes the account: bots get "user is deactivated" from now on."""
        self.user.deactivated = True
        self.note("person", self.user.json | {"deactivated": True})


def _button_of(body: Body, wanted: str) -> Body | None:
    markup: Body = body.get("reply_markup") or {}
    rows: list[list[Body]] = markup.get("inline_keyboard", [])
    return next((b for row in rows for b in row if wanted in (b.get("callback_data"), b["text"])), None)


def _with_button(chat: Chat, wanted: str) -> Message | None:
    return next((m for m in reversed(chat.messages.values()) if m.button(wanted)), None)
