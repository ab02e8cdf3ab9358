"""Input files: reading TOML within limits and with line numbers, validating tables, wording messages, writing TOML."""
