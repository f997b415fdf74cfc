"""LeanDojo as a batch job in an environment of its own: steps of committed proofs, second opinions.

Lean decides elsewhere; what comes from here is something to learn from, or one more opinion.
"""
