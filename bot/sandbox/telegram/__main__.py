"""Runs the emulator in a process of its own: `python -m bot.sandbox.telegram --port 8081`."""

import argparse
import asyncio

import uvloop

from .faults import Fault, Faults
from .limits import Limits
from .server import Settings
from .serving import serve
from .world import World


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument(
        "--token", default="1000001:sandbox", help="the bot's token; its id stands before the colon"
    )
    parser.add_argument("--username", default="sandbox_bot")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="USERNAME=TOKEN",
        help="one more bot; may be repeated",
    )
    parser.add_argument("--keep-messages", type=int, default=500, help="messages kept in each private chat")
    parser.add_argument("--limits", action="store_true", help="enforce Telegram's rate limits")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that every call takes")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    world = World(keep_messages=arguments.keep_messages)
    world.bot(arguments.token, arguments.username)
    for other in arguments.also:
        username, _, token = other.partition("=")
        world.bot(token, username)
    faults = Faults()
    if arguments.delay:
        faults.add(Fault("delay", seconds=arguments.delay))
    settings = Settings(limits=Limits() if arguments.limits else None)
    async with serve(world, faults, settings, host=arguments.host, port=arguments.port) as served:
        print(served.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_run(_arguments()))
