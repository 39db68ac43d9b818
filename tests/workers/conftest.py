"""Databases that are migrated once."""

from tests.storage.conftest import database_url, kind, templates

__all__ = ["database_url", "kind", "templates"]
