"""Everything that speaks to Lean: toolchains, sessions, documents, goals, the last word."""
