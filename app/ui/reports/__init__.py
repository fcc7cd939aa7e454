"""Reports on paper: a sheet of the core laid out on pages, in a process without a window."""
