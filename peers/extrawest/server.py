"""A back end of 120 locations, made with `extrawest-ocpi`. It runs in that package's own environment.

`python server.py PORT TOKEN_A`. Beside OCPI it serves `/drill/…`, by which a test changes a status and sees what came.
"""

import os
import secrets
import sys
from typing import Any  # Any: the package hands over dictionaries of many shapes.

PORT, TOKEN_A = int(sys.argv[1]), sys.argv[2]
# The package reads its settings when it is imported.
os.environ |= {
    "OCPI_HOST": f"127.0.0.1:{PORT}",
    "PROTOCOL": "http",
    "COUNTRY_CODE": "AT",
    "PARTY_ID": "SWG",
    "ENVIRONMENT": "testing",
}

import uvicorn  # noqa: E402
from py_ocpi.core.adapter import BaseAdapter  # noqa: E402
from py_ocpi.core.authentication.authenticator import Authenticator  # noqa: E402
from py_ocpi.core.crud import Crud  # noqa: E402
from py_ocpi.core.endpoints import ENDPOINTS  # noqa: E402
from py_ocpi.core.endpoints.v_2_2_1.utils import cpo_generator  # noqa: E402
from py_ocpi.core.enums import Action, ModuleID, RoleEnum  # noqa: E402
from py_ocpi.core.push import push_object  # noqa: E402
from py_ocpi.core.schemas import Push  # noqa: E402
from py_ocpi.main import get_application  # noqa: E402
from py_ocpi.modules.versions.enums import VersionNumber  # noqa: E402
from py_ocpi.modules.versions.v_2_2_1.schemas import InterfaceRole  # noqa: E402

VERSION = VersionNumber.v_2_2_1
START = "2026-01-01T00:00:00Z"


def location(number: int) -> dict[str, Any]:
    """A location with one EVSE that can be unlocked."""
    return {
        "country_code": "AT",
        "party_id": "SWG",
        "id": f"LOC{number:03}",
        "publish": True,
        "name": f"Place {number}",
        "address": "Europaplatz 4",
        "city": "Graz",
        "postal_code": "8020",
        "country": "AUT",
        "coordinates": {"latitude": "47.0725", "longitude": "15.4165"},
        "evses": [
            {
                "uid": f"EVSE{number:03}",
                "evse_id": f"AT*SWG*E{number:03}",
                "status": "AVAILABLE",
                "capabilities": ["UNLOCK_CAPABLE", "REMOTE_START_STOP_CAPABLE"],
                "connectors": [
                    {
                        "id": "1",
                        "standard": "IEC_62196_T2",
                        "format": "SOCKET",
                        "power_type": "AC_3_PHASE",
                        "max_voltage": 230,
                        "max_amperage": 32,
                        "last_updated": START,
                    }
                ],
                "last_updated": START,
            }
        ],
        "time_zone": "Europe/Vienna",
        "last_updated": START,
    }


class State:
    """All that the back end knows."""

    locations: dict[str, dict[str, Any]] = {f"loc{n:03}": location(n) for n in range(120)}  # noqa: RUF012
    tokens_a: list[str] = [TOKEN_A]  # noqa: RUF012
    clients: dict[str, dict[str, Any]] = {}  # noqa: RUF012
    """By the token that the client shows: its credentials and endpoints."""
    commands: list[dict[str, Any]] = []  # noqa: RUF012


def credentials(token: str) -> dict[str, Any]:
    """Ours, with the token that the client shall show."""
    role = {"role": "CPO", "country_code": "AT", "party_id": "SWG", "business_details": {"name": "Extrawest"}}
    return {"token": token, "url": f"http://127.0.0.1:{PORT}/ocpi/versions", "roles": [role]}


class Books(Crud):  # type: ignore[misc]  # The package is in another environment.
    """What the package asks for, over `State`."""

    @classmethod
    async def get(cls, module: Any, role: Any, id: Any, *args: Any, **more: Any) -> Any:  # noqa: A002
        """One object."""
        match module:
            case ModuleID.locations:
                return State.locations.get(str(id).lower())
            case ModuleID.credentials_and_registration:
                return credentials(id) if id in State.clients else None
            case ModuleID.commands:
                return {"result": "ACCEPTED"}
        return None

    @classmethod
    async def list(cls, module: Any, role: Any, filters: dict[str, Any], *args: Any, **more: Any) -> Any:
        """A page of locations, how many there are, and whether it is the last page."""
        found = list(State.locations.values()) if module is ModuleID.locations else []
        first, last = filters["date_from"], filters["date_to"]
        chosen = [
            each
            for each in found
            if (first is None or each["last_updated"] >= first.strftime("%Y-%m-%dT%H:%M:%SZ"))
            and (last is None or each["last_updated"] < last.strftime("%Y-%m-%dT%H:%M:%SZ"))
        ]
        offset, limit = filters["offset"], filters["limit"]
        return chosen[offset : offset + limit], len(chosen), offset + limit >= len(chosen)

    @classmethod
    async def create(cls, module: Any, role: Any, data: dict[str, Any], *args: Any, **more: Any) -> Any:
        """A client registers: token A is used up."""
        State.tokens_a.clear()
        return cls._client(data)

    @classmethod
    async def update(
        cls,
        module: Any,
        role: Any,
        data: dict[str, Any],
        id: Any,  # noqa: A002
        *args: Any,
        **more: Any,
    ) -> Any:
        """A client changes its tokens: the one by which it came is void."""
        State.clients.pop(more["auth_token"], None)
        return cls._client(data)

    @classmethod
    async def delete(cls, module: Any, role: Any, id: Any, *args: Any, **more: Any) -> None:  # noqa: A002
        """A client leaves."""
        State.clients.pop(id, None)

    @classmethod
    async def do(cls, module: Any, role: Any, action: Any, *args: Any, **more: Any) -> Any:
        """A command for a station, or the token that a client wants to be shown."""
        if action is Action.get_client_token:
            return State.clients[more["auth_token"]]["credentials"]["token"]
        State.commands.append(args[0] if args else more.get("data", {}))
        return {"result": "ACCEPTED", "timeout": 10}

    @classmethod
    def _client(cls, data: dict[str, Any]) -> dict[str, Any]:
        token = secrets.token_hex(16)
        State.clients[token] = data
        return credentials(token)


class Doorkeeper(Authenticator):  # type: ignore[misc]  # The same.
    """Which tokens are good."""

    @classmethod
    async def get_valid_token_a(cls) -> list[str]:
        """Of those who may register."""
        return State.tokens_a

    @classmethod
    async def get_valid_token_c(cls) -> list[str]:
        """Of those who are registered."""
        return list(State.clients)


# The package serves commands, and does not name them among its endpoints.
ENDPOINTS[VERSION][RoleEnum.cpo][ModuleID.commands] = cpo_generator.generate_endpoint(
    ModuleID.commands, InterfaceRole.receiver
)
app = get_application(
    version_numbers=[VERSION],
    roles=[RoleEnum.cpo],
    crud=Books,
    modules=[ModuleID.credentials_and_registration, ModuleID.locations, ModuleID.commands],
    authenticator=Doorkeeper,
    adapter=BaseAdapter,
)


@app.post("/drill/status/{number}/{status}/{at}")  # type: ignore[untyped-decorator]  # The same.
async def set_status(number: str, status: str, at: str) -> dict[str, Any]:
    """An EVSE has another status from then on, and every client is told by the package's own push."""
    place = State.locations[number]
    place["evses"][0] |= {"status": status, "last_updated": at}
    place["last_updated"] = at
    answers = []
    for client in State.clients.values():
        token = client["credentials"]["token"]
        url = client["credentials"]["url"].replace("/versions", "/2.2.1")
        push = Push(
            module_id=ModuleID.locations,
            object_id=place["id"],
            receivers=[{"endpoints_url": url, "auth_token": token}],
        )
        pushed = await push_object(VERSION, push, Books, BaseAdapter, None)
        answers += [each.dict() for each in pushed.receiver_responses]
    return {"answers": answers}


@app.get("/drill/state")  # type: ignore[untyped-decorator]  # The same.
async def state() -> dict[str, Any]:
    """Who is registered, and which commands came."""
    return {"clients": len(State.clients), "commands": State.commands}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
