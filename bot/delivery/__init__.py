"""Outbox, chat sender and e-mail."""
