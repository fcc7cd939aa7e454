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

# Facts that are stored whole and shown as they are.
_.colour_primaries
_.colour_transfer
_.bit_rate
_.bit_depth
_.tile_width
_.tile_height
_.rms_db
_.floor_db
_.loud_db

# States of the contract that are written by their text.
_.DUE
_.STALE

# Names for types in annotations.
Run
Plain
RGB
_SideData
_Encoder
_Decoder
SupportsBytes

# Asked for by argparse, sqlite3, watchdog, PyAV and protocols of ours.
_.print_help
_.row_factory
_.on_any_event
_.qmin
_.qmax
_.thread_type
_.thread_count
_.skip_frame
_.__call__
filename
streams_and_name
stream_spec

# A word that people can say already; its screen comes with the logging bench.
_.correct_timecode

# What the window's tests count and ask of its parts.
_.painted_cells
_.said_now
_.current_tab

# The borders of a shared hub: implementations are held to them by shape, in test_ports.
Projection
LibrarySearch
ArtifactStore
JobEngine
_.doorbell
_.read_tables

# Array and observer types, named in quoted annotations so that the libraries stay lazy.
Floats
BaseObserver

# What a decode pass and a decision tell beside what is shown; read by their tests.
_.frame_map
_.peak_db
_.by
_.proxy_ready

# An entity of the log whose screen comes with sync sound and multicam.
_.GROUP

# The hash of some bytes, which tests compare with.
hash_of
