"""Technicians: who is sent, their jobs, and the pages on which they work."""
