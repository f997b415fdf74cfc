"""What to try, when, and what came of it."""
