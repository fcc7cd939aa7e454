"""Planning: projects, the people at this desk, bins."""
