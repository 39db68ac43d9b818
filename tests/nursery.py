"""Imported by the process from which `tests.offspring` forks: all that its children would import anew."""

import atexit
import os

import tests.crash.serve  # noqa: F401  # Imported for its children, as the other.

# Nothing has to be tidied at its end; the libraries that it holds would complain that it does not.
atexit.register(os._exit, 0)
