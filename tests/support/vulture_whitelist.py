"""Names that are used in ways vulture cannot see, each with its reason. A list: it is never run."""
# ruff: noqa: F821, B018

# Keys of the TOML tables of cards and ignore rules, read by their names.
_.ext
_.named_by
_.globs
_.regex
