"""Names that are used in ways vulture cannot see, each with its reason."""
