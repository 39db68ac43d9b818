"""The groups of an operator's agents, and how busy each of them is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from bot.domain.operator import HotlineGroup
from storage.repositories.upsert import put
from storage.tables import cases, hotline_groups
from storage.tables.support import WITH_HOTLINE


@dataclass(frozen=True, slots=True)
class Kept:
    """A group with how many open cases it has, and since when the bot may not work in it; None while it may."""

    group: HotlineGroup
    cases: int
    shut_at: datetime | None


_OF_OPERATOR = (
    select(hotline_groups)
    .where(hotline_groups.c.operator_id == bindparam("key"))
    .order_by(hotline_groups.c.chat.desc())
)
_LOADS = (
    select(cases.c.group_chat, func.count())
    .where(cases.c.group_chat.in_(bindparam("chats", expanding=True)), WITH_HOTLINE)
    .where(cases.c.operator_id == bindparam("key"))
    .group_by(cases.c.group_chat)
)
_WITH_GROUP = select(cases.c.id).where(cases.c.group_chat == bindparam("chat"), WITH_HOTLINE)
_HOLDER = select(hotline_groups.c.operator_id).where(hotline_groups.c.chat == bindparam("chat"))
_OPERATORS = select(hotline_groups.c.operator_id).distinct()


class Hotlines:
    """Groups of agents. A group that is taken out keeps the cases that it has."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, operator_id: str) -> list[HotlineGroup]:
        """An operator's groups, in a steady order."""
        return [_group(row) for row in self._connection.execute(_OF_OPERATOR, {"key": operator_id})]

    def kept(self, operator_id: str) -> list[Kept]:
        """The same, with what they have to do."""
        rows = self._connection.execute(_OF_OPERATOR, {"key": operator_id}).all()
        if not rows:
            return []
        values = {"key": operator_id, "chats": [row.chat for row in rows]}
        loads: dict[int, int] = {row[0]: row[1] for row in self._connection.execute(_LOADS, values)}
        return [Kept(_group(row), loads.get(row.chat, 0), row.shut_at) for row in rows]

    def holder(self, chat: int) -> str | None:
        """The operator whose agents this group is of."""
        found: str | None = self._connection.execute(_HOLDER, {"chat": chat}).scalars().first()
        return found

    def operators(self) -> frozenset[str]:
        """The operators that have a group at all."""
        return frozenset(self._connection.execute(_OPERATORS).scalars())

    def put(self, group: HotlineGroup) -> None:
        """Enters a group, or changes it; whatever was wrong with it is tried again."""
        values = {
            "operator_id": group.operator_id,
            "chat": group.chat,
            "languages": list(group.languages),
            "title": group.title,
            "shut_at": None,
        }
        put(self._connection, hotline_groups, values)

    def drop(self, operator_id: str, chats: Collection[int]) -> None:
        """Takes groups out."""
        which = hotline_groups.c.chat.in_(sorted(chats))
        statement = hotline_groups.delete().where(hotline_groups.c.operator_id == operator_id, which)
        self._connection.execute(statement)

    def shut(self, operator_id: str | None, chat: int, at: datetime | None) -> None:
        """Keeps since when the bot may not work in a group, None that it may; of one operator, or of whom it is."""
        which = [hotline_groups.c.chat == chat]
        if operator_id is not None:
            which.append(hotline_groups.c.operator_id == operator_id)
        self._connection.execute(update(hotline_groups).where(*which).values(shut_at=at))

    def with_cases(self, chat: int) -> list[int]:
        """The numbers of the open cases that a group has."""
        return list(self._connection.execute(_WITH_GROUP, {"chat": chat}).scalars())

    def move(self, old: int, new: int, only: str | None = None) -> None:
        """A group became a supergroup and has a new number: for all whose it is, or for one operator.

        Its cases go with it. Topics of the old group are not those of the new one.
        """
        for row in self._connection.execute(select(hotline_groups).where(hotline_groups.c.chat == old)).all():
            if only in {None, row.operator_id}:
                self.drop(row.operator_id, [old])
                if new not in {each.chat for each in self.of(row.operator_id)}:
                    values = {**row._mapping, "chat": new, "shut_at": None}  # It is public in SQLAlchemy.
                    self._connection.execute(insert(hotline_groups), values)
        theirs = update(cases).where(cases.c.group_chat == old)
        if only is not None:
            theirs = theirs.where(cases.c.operator_id == only)
        self._connection.execute(theirs.values(group_chat=new, topic=None, card_message=None))


def _group(row: Row[tuple[object, ...]]) -> HotlineGroup:
    return HotlineGroup(row.operator_id, row.chat, tuple(row.languages or ()), row.title)
