"""What is printed: stickers and statements. Values in, bytes out; no database, no clock, no network."""
