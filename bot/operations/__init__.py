"""What an operator manages, as use cases."""
