"""One repository per aggregate; all queries stand here."""
