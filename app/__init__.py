"""Rushes: the desktop companion of an editing suite."""

__version__ = "0.1.0"
