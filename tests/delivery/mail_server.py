"""A real SMTP server in a thread, which closes what is still connected to it before it ends."""

import asyncio

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

_WITHIN = 5.0


class MailServer(Controller):
    """As aiosmtpd's, which leaves a connection that is about to end to the collector; that would warn by chance."""

    def __init__(self, handler: object, *, hostname: str, port: int) -> None:
        super().__init__(handler, hostname=hostname, port=port)
        self._met: list[SMTP] = []

    def factory(self) -> SMTP:
        """What serves one connection."""
        protocol: SMTP = super().factory()  # type: ignore[no-untyped-call]  # aiosmtpd has no types here.
        self._met.append(protocol)
        return protocol

    def stop(self, no_assert: bool = False) -> None:  # As aiosmtpd has it.
        """Ends the server, after its connections."""
        if self.loop.is_running():
            asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(_WITHIN)
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        for protocol in self._met:
            if protocol.transport is not None:
                protocol.transport.close()
        # A transport is closed in the next turn of the loop.
        await asyncio.sleep(0.01)
