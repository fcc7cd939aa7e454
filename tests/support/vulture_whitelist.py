"""Names that are used in ways vulture cannot see, each with its reason. A list: it is never run."""
# ruff: noqa: F821, B018

# Keys of the TOML tables of cards and ignore rules, read by their names.
_.ext
_.named_by
_.globs
_.regex

# The store that tests and unsure servers are played with; checksums that a server may show.
MemoryStore
_.CRC32C
_.SHA1
_.SHA256

# What http.client and urllib3 ask of a socket and of a pool.
_.sendall
_.ConnectionCls

# Array types of the speech modules, named in quoted annotations so that numpy stays lazy.
Samples
Levels
_Whisper

# What card lists and clip names say, read for whoever shows it; shown by their tests.
read_list
_.sidecars
_.chapter
