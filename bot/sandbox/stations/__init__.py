"""Simulated charging stations: real OCPP 1.6 clients whose faults can be chosen."""
