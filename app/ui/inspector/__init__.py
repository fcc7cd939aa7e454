"""What is known of the current clip: facts, transcript, notes, keywords, history."""
