"""The command line: the same verbs as the window, headless. One module a noun; no Qt."""
