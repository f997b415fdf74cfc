"""Proofs as branches and pull requests, without touching what the user is at."""
