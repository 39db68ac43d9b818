"""Ports for the servers of tests, each given out once, and none of those that the kernel gives by itself."""

import itertools
import os
import re
import socket
from pathlib import Path

_FIRST, _EACH = 10_000, 2_500
_KERNELS = Path("/proc/sys/net/ipv4/ip_local_port_range")


def _own() -> range:
    """The ports of this process among those that run the tests side by side, below those that the kernel picks."""
    worker = re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", ""))
    kernels = int(_KERNELS.read_text().split()[0]) if _KERNELS.exists() else 32_768
    room = max(1, (kernels - _FIRST) // _EACH)
    first = _FIRST + (int(worker or 0) % room) * _EACH
    return range(first, first + _EACH)


def _from_somewhere(ports: range) -> list[int]:
    """All of them, from one on that depends on the process: two runs on one machine seldom try the same at once."""
    first = os.getpid() * 37 % len(ports)
    return [*ports[first:], *ports[:first]]


_candidates = itertools.cycle(_from_somewhere(_own()))


def free_port() -> int:
    """A port on which nobody listens, and which this process does not give out again for long."""
    for port in itertools.islice(_candidates, _EACH):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")
