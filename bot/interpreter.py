"""How the interpreter itself is set for a process that serves."""

import gc
import sys

_NEW_OBJECTS = 50_000
_YOUNG, _OLD = 20, 50
_SECONDS_OF_A_TURN = 0.0005


def set_up() -> None:
    """Once, at the start of a program that serves, when everything is imported.

    What is there by then stays for good, and is never searched for cycles again. By Python's own measure the rest
    would be searched after every 700 new objects, while what waits to be written alone is several thousand: that took
    a fifth of the time of a process that is busy with stations.

    A thread that wants the interpreter waits for its turn 5 ms by Python's own measure, and SQLite's threads want it
    anew after each statement, so that a busy loop would hold up every write.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG, _OLD)
    sys.setswitchinterval(_SECONDS_OF_A_TURN)
