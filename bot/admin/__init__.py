"""Updates of an operator's admins."""
