"""Drills against software that others wrote, from the public registries: `make peers`."""
