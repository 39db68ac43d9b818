"""A support service for drivers at charging stations, reached by chat."""
