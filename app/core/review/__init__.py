"""Review: notes, marks, the log, decisions, and the history of what people said."""
