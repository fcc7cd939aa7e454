"""The catalog: one SQLite file, one writer, everything else reads. The only place that speaks SQL."""
