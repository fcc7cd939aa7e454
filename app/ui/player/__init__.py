"""The player: viewer, transport, strip and keys. Knows files and frames, nothing of the catalog."""
