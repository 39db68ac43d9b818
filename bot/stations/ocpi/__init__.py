"""OCPI 2.2.1: stations that are connected to a back end already, seen and steered through it."""
