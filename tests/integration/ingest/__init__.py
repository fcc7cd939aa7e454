"""Ingest on real folders with a real catalog."""
