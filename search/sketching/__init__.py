"""A language model behind an OpenAI-compatible endpoint drafts proofs; it only ever proposes."""
