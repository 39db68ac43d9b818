"""Several simulated stations, switched on and off together."""

import asyncio
from collections.abc import Callable, Iterable

from bot.sandbox.stations.backend import BackendStation
from bot.sandbox.stations.station import SimulatedStation

Simulated = SimulatedStation | BackendStation
"""A station of its own, or one that is seen through a back end."""


class Fleet:
    """The stations by id. `on_change` is called with the station whose state changed."""

    def __init__(
        self,
        stations: Iterable[Simulated] = (),
        on_change: Callable[[Simulated], None] | None = None,
    ) -> None:
        self._stations: dict[str, Simulated] = {}
        self._on_change = on_change
        for station in stations:
            self.add(station)

    def add(self, station: Simulated) -> None:
        """Takes a station in; ValueError for an id that is there already."""
        if station.id in self._stations:
            raise ValueError(f"there is a station {station.id} already")
        self._stations[station.id] = station
        station.on_change = self._changed

    def watch(self, on_change: Callable[[Simulated], None]) -> None:
        """Sets who hears of changes from now on."""
        self._on_change = on_change

    def find(self, station_id: str) -> Simulated | None:
        """The station with that id."""
        return self._stations.get(station_id)

    def states(self) -> list[dict[str, object]]:
        """All states, in the order in which the stations came; ready for JSON."""
        return [station.state() for station in self._stations.values()]

    def behind_back_ends(self) -> list[BackendStation]:
        """Those to which the service has to register."""
        return [station for station in self._stations.values() if isinstance(station, BackendStation)]

    async def start(self) -> None:
        """Switches all stations on."""
        for station in self._stations.values():
            await station.start()

    async def stop(self) -> None:
        """Switches all stations off."""
        await asyncio.gather(*(station.stop() for station in self._stations.values()))

    def _changed(self, station: Simulated) -> None:
        if self._on_change is not None:
            self._on_change(station)
