"""The admins' commands in their private chats: parse, call one use case, show one view."""

from bot.domain.refusal import Refusal
from bot.operations import knocking
from bot.operations.acting import Acting
from bot.operations.knocking import Home
from bot.telegram.reply import Reply
from bot.views import knocking as view
from bot.views.callbacks import Adopt, short


class Admin:
    """Implements `AdminEntrance`."""

    commands = frozenset({"knocking"})

    async def command(self, reply: Reply, name: str, argument: str) -> None:
        """`/knocking`: the stations that nobody knows and that ask to be let in."""
        await _list(reply)

    async def tap(self, reply: Reply, button: Adopt) -> None:
        """A button of that list."""
        await reply.toast()
        if not button.knock:
            return await _list(reply)
        acting = _acting(reply)
        now = await knocking.show(acting)
        knock = next((each for each in now.knocks if short(each.station_id) == button.knock), None)
        if knock is None:
            raise Refusal("knock.gone", station="?")
        outcome = await knocking.adopt(acting, knock, _home(now.homes, button.location))
        await reply.show(view.show(outcome, reply.t, _zone(now.homes)))


async def _list(reply: Reply) -> None:
    outcome = await knocking.show(_acting(reply))
    await reply.show(view.show(outcome, reply.t, _zone(outcome.homes)))


def _acting(reply: Reply) -> Acting:
    turn = reply.turn
    return Acting(turn.services.database, turn.person, turn.update_id, turn.now())


def _home(homes: tuple[Home, ...], chosen: str) -> Home | None:
    if not chosen:
        return None
    for home in homes:
        operator, location = home
        if short(f"{operator.id}/{location.id}") == chosen:
            return home
    raise Refusal("knock.no_location")


def _zone(homes: tuple[Home, ...]) -> str:
    return homes[0][0].time_zone if homes else "UTC"
