"""What a simulated station says of its configuration, by the names of each version of OCPP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.sandbox.stations.modes import OcppVersion
from bot.sandbox.stations.wire import Nameplate

Settings = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the settings are made of; times in seconds."""

    nameplate: Nameplate
    heartbeat: float
    meter: float
    connectors: int
    cards_listed: int
    operative: bool


def settings(version: OcppVersion, facts: Facts) -> Settings:
    """The settings; None is the value of one that can be written and not be read."""
    return _SETTINGS[version](facts)


def _of_16(facts: Facts) -> Settings:
    """Standard keys of OCPP 1.6, section 9; AuthorizationKey is that of the security whitepaper."""
    return {
        "HeartbeatInterval": _whole(facts.heartbeat),
        "MeterValueSampleInterval": _whole(facts.meter),
        "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import,SoC",
        "NumberOfConnectors": str(facts.connectors),
        "ConnectionTimeOut": "0",
        "AuthorizeRemoteTxRequests": "false",
        "LocalAuthListEnabled": "true",
        "LocalAuthListMaxLength": "1000",
        "SendLocalListMaxLength": "1000",
        "AuthorizationCacheEnabled": "true",
        "SupportedFeatureProfiles": "Core,LocalAuthListManagement,RemoteTrigger",
        "AuthorizationKey": None,
    }


def _of_201(facts: Facts) -> Settings:
    """Standard variables of OCPP 2.0.1, part 2, appendix 3, each as `Component.Variable`."""
    return {
        "ChargingStation.VendorName": facts.nameplate.vendor,
        "ChargingStation.Model": facts.nameplate.model,
        "ChargingStation.AvailabilityState": "Available" if facts.operative else "Unavailable",
        "OCPPCommCtrlr.HeartbeatInterval": _whole(facts.heartbeat),
        "SampledDataCtrlr.TxUpdatedInterval": _whole(facts.meter),
        "SampledDataCtrlr.TxUpdatedMeasurands": "Energy.Active.Import.Register,Power.Active.Import,SoC",
        "TxCtrlr.TxStartPoint": "PowerPathClosed",
        "TxCtrlr.TxStopPoint": "PowerPathClosed",
        "TxCtrlr.EVConnectionTimeOut": "0",
        "AuthCtrlr.AuthorizeRemoteStart": "false",
        "AuthCacheCtrlr.Enabled": "true",
        "LocalAuthListCtrlr.Enabled": "true",
        "LocalAuthListCtrlr.Entries": str(facts.cards_listed),
        "SecurityCtrlr.SecurityProfile": "1",
        "SecurityCtrlr.BasicAuthPassword": None,
    }


def _whole(seconds: float) -> str:
    return str(max(1, round(seconds)))


_SETTINGS: dict[OcppVersion, Callable[[Facts], Settings]] = {
    OcppVersion.V16: _of_16,
    OcppVersion.V201: _of_201,
}
