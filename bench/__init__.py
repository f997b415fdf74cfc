"""The bank, the projects, and every measurement we quote."""
