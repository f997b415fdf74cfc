"""`unsorry check`: what is unproved in a repository, for continuous integration and git hooks."""
