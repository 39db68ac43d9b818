"""Updates of drivers, agents and technicians."""
