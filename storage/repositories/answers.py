"""Answers that an operator's agents have ready."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select, update

from bot.domain.answer import CannedAnswer
from storage.tables import canned_answers


class Answers:
    """An operator's own answers; those that come with the product are not kept here."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, operator_id: str) -> list[CannedAnswer]:
        """All of them, the oldest first."""
        statement = (
            select(canned_answers)
            .where(canned_answers.c.operator_id == operator_id)
            .order_by(canned_answers.c.id)
        )
        return [CannedAnswer(row.id, dict(row.texts)) for row in self._connection.execute(statement)]

    def add(self, operator_id: str, texts: Mapping[str, str]) -> CannedAnswer:
        """Enters one; returns it with its number."""
        values = {"operator_id": operator_id, "texts": dict(texts)}
        result = self._connection.execute(insert(canned_answers).returning(canned_answers.c.id), values)
        return CannedAnswer(result.scalar_one(), texts)

    def change(self, operator_id: str, answer: CannedAnswer) -> None:
        """Keeps its texts as they are now."""
        mine = (canned_answers.c.operator_id == operator_id, canned_answers.c.id == answer.id)
        self._connection.execute(update(canned_answers).where(*mine).values(texts=dict(answer.texts)))

    def drop(self, operator_id: str, answer_id: int) -> None:
        """Takes one away."""
        mine = (canned_answers.c.operator_id == operator_id, canned_answers.c.id == answer_id)
        self._connection.execute(delete(canned_answers).where(*mine))
