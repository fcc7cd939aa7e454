"""Models: which ones Rushes knows, where their files are, and how they get there."""
