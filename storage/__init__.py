"""Keeping: tables, transactions and repositories."""
