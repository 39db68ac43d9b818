"""The texts, as data: a folder per language, a TOML file per area, the same keys in each."""
