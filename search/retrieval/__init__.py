"""Which theorems might help with a goal: the rankers over the premise corpus, and their fusion."""
