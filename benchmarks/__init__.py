"""Measuring instead of believing: whole reports against a local Bot API server, beside two references."""
