"""`test-ocpp`, a tester of connections to central systems, against the running service."""
