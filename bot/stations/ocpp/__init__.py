"""The central system for stations that speak OCPP."""
