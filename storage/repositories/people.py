"""Everybody the product talks with."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.domain.people import Person
from storage.repositories.upsert import insert_or_change
from storage.tables import people


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an update is from, as the chat tells it. `language` is a guess until the person chooses one."""

    telegram_id: int
    name: str
    username: str | None = None
    language: str | None = None


_GET = select(people).where(people.c.id == bindparam("key"))
_BY_TELEGRAM = select(people).where(people.c.telegram_id == bindparam("key"))
_BY_TELEGRAM_IDS = select(people).where(people.c.telegram_id.in_(bindparam("ids", expanding=True)))
_SET_LANGUAGE = update(people).where(people.c.id == bindparam("key")).values(language=bindparam("value"))
_SET_UNREACHABLE = (
    update(people).where(people.c.id == bindparam("key")).values(unreachable=bindparam("value"))
)


class People:
    """Everybody the product talks with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def meet(self, identities: Iterable[Identity]) -> dict[int, Person]:
        """The people behind the identities by Telegram ID; whoever is new is entered, a new name is taken over.

        So is the language of somebody of whom only others had told, such as an operator's file.
        """
        wanted = {identity.telegram_id: identity for identity in identities}
        known = self._by_telegram_ids(wanted)
        for telegram_id, identity in wanted.items():
            person = known.get(telegram_id)
            if person is None or (person.name, person.username) != (identity.name, identity.username):
                person = known[telegram_id] = self._enter(identity)
            if person.language is None and identity.language is not None:
                self.set_language(person.id, identity.language)
                known[telegram_id] = replace(person, language=identity.language)
        return known

    def get(self, person_id: int) -> Person:
        """The person; NoResultFound where there is none."""
        return _person(self._connection.execute(_GET, {"key": person_id}).one())

    def by_telegram(self, telegram_id: int) -> Person | None:
        """The person with that account, if they are known."""
        row = self._connection.execute(_BY_TELEGRAM, {"key": telegram_id}).one_or_none()
        return None if row is None else _person(row)

    def set_language(self, person_id: int, language: str) -> None:
        """The language that a person chose."""
        self._connection.execute(_SET_LANGUAGE, {"key": person_id, "value": language})

    def set_phone(self, person_id: int, phone: str) -> None:
        """The number at which a person wants to be called."""
        self._connection.execute(update(people).where(people.c.id == person_id).values(phone=phone))

    def set_unreachable(self, person_id: int, *, unreachable: bool) -> None:
        """Whether messages to the person are refused at present."""
        self._connection.execute(_SET_UNREACHABLE, {"key": person_id, "value": unreachable})

    def _by_telegram_ids(self, ids: Iterable[int]) -> dict[int, Person]:
        rows = self._connection.execute(_BY_TELEGRAM_IDS, {"ids": list(ids)})
        return {row.telegram_id: _person(row) for row in rows}

    def _enter(self, identity: Identity) -> Person:
        values = {
            "telegram_id": identity.telegram_id,
            "name": identity.name,
            "username": identity.username,
            "language": identity.language,
            "unreachable": False,
        }
        statement = insert_or_change(self._connection, people, ("telegram_id",), ("name", "username"))
        return _person(self._connection.execute(statement.returning(people), values).one())


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(
        row.id,
        row.telegram_id,
        row.name,
        row.language,
        row.username,
        row.email,
        row.phone,
        row.unreachable,
    )
