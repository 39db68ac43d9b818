"""Files that somebody wants to import, from their upload to their confirmation."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.repositories.upsert import put
from storage.tables import station_imports


class Imports:
    """One file for each person at an operator; a later one takes its place."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, operator_id: str, person_id: int, content: str, now: datetime) -> None:
        """Keeps a file."""
        values = {"operator_id": operator_id, "person_id": person_id, "content": content, "kept_at": now}
        put(self._connection, station_imports, values)

    def get(self, operator_id: str, person_id: int) -> str | None:
        """The file that waits."""
        waiting = station_imports.c
        statement = select(waiting.content).where(
            waiting.operator_id == operator_id, waiting.person_id == person_id
        )
        found: str | None = self._connection.execute(statement).scalar_one_or_none()
        return found

    def drop(self, operator_id: str, person_id: int) -> None:
        """Forgets it."""
        waiting = station_imports.c
        self._connection.execute(
            delete(station_imports).where(waiting.operator_id == operator_id, waiting.person_id == person_id)
        )
