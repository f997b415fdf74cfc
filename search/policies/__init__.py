"""The policies, one a file. `search.bandit` is how they are reached."""
