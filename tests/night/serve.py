"""The service as a process of the night: `python -m bot run` on its clock, or a service that is broken on purpose."""

import os

import uvloop

from bot.sandbox.serve import main
from tests.night import sabotage

if __name__ == "__main__":
    if wanted := os.environ.get("NIGHT_SABOTAGE"):
        sabotage.WAYS[wanted]()
    uvloop.run(main())
