"""Stations of npm `ocpp-rpc` (MIT), whose strict mode checks every message both ways."""
