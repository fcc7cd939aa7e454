"""What is due and who does it: recipes, the planner, lanes with their threads, the engine."""
