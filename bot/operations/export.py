"""Writing an operator out as the file that describes it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import tomli_w

from bot.domain.operator import HotlineGroup, Station, StickerLink
from bot.domain.policy_data import data_of
from bot.operations.operator_file import OperatorTable
from storage.database import Database
from storage.uow import UnitOfWork


async def export(database: Database, operator_id: str) -> str:
    """The operator's data as a file that `apply` takes; LookupError where there is no such operator."""
    return await database.read(lambda uow: _export(uow, operator_id))


def _export(uow: UnitOfWork, operator_id: str) -> str:
    operator = uow.operators.get(operator_id)
    if operator is None:
        raise LookupError(f"there is no operator {operator_id!r}")
    table = _plain(asdict(operator) | {"price_per_station_month": str(operator.price_per_station_month)})
    for key in ("pending_after_minutes", "offline_after_minutes"):
        if table[key] == OperatorTable.model_fields[key].default:
            del table[key]
    if not operator.languages:
        del table["languages"]
    if operator.sticker_link is StickerLink.BOT:
        del table["sticker_link"]
    hotline = _hotline(uow.hotlines.of(operator_id))
    entities = [_plain(asdict(each)) for each in uow.staff.tree(operator_id).entities]
    policies = [data_of(each) for each in uow.escalations.policies(operator_id)]
    return tomli_w.dumps(
        {
            "operator": table,
            **hotline,
            **({"entity": entities} if entities else {}),
            "group": [
                {
                    "name": group.name,
                    "scope": group.scope.value,
                    "rights": sorted(r.value for r in group.rights),
                }
                for group in uow.staff.groups(operator_id)
            ],
            "person": [
                _plain(asdict(each)) | {"groups": list(each.groups)}
                for each in uow.staff.members(operator_id)
            ],
            **({"policy": policies} if policies else {}),
            "location": [_plain(asdict(each)) for each in uow.operators.locations(operator_id)],
            "station": [_station_table(each) for each in uow.operators.stations(operator_id)],
        }
    )


def _hotline(groups: Sequence[HotlineGroup]) -> dict[str, object]:
    if not groups:
        return {}
    first, *further = [
        _plain({"chat_id": each.chat, "languages": list(each.languages) or None, "title": each.title})
        for each in groups
    ]
    return {"hotline": {**first, **({"group": further} if further else {})}}


def _station_table(station: Station) -> dict[str, object]:
    table = {
        "id": station.id,
        "location": station.location_id,
        "password": station.password,
        "service_active": station.service_active,
        "security_profile": station.security_profile or None,
        "pending_after_minutes": station.pending_after_minutes,
        "offline_after_minutes": station.offline_after_minutes,
        "entity": station.entity_id,
        "directions": station.directions,
        "technician": None if station.technician is None else _plain(asdict(station.technician)),
    }
    evses = [
        {"evse_id": evse.evse_id, "connector": evse.connector, "type": evse.type, "power_kw": evse.power_kw}
        for evse in station.evses
    ]
    return _plain(table) | {"evse": evses}


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """TOML has no null: what is not set is left out."""
    return {
        key: _plain(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }
