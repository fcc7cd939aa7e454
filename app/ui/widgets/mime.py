"""What is dragged within the window."""

from typing import Final

CLIPS_MIME: Final = "application/x-rushes-clips"
"""Rows of clips, as decimal numbers with spaces."""
