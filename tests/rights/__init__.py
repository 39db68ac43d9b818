"""Who may do what: every command, page and form of the admins, from a table."""
