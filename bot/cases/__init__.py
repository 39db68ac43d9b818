"""The support of drivers, as use cases."""
