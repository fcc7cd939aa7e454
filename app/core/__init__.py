"""The core: everything Rushes knows and does, without a window. Never imports Qt or mpv."""
