"""Outcomes and language become text and keyboard."""
