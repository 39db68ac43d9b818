"""Simulated charging stations: real clients of OCPP 1.6 and 2.0.1 whose faults can be chosen."""
