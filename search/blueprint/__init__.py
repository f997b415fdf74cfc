"""A leanblueprint project: what its TeX says, what Lean says, and where the two differ."""
