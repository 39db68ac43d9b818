"""Inbox and timers."""
