"""The Lean side of the protocol, and the launcher of the embedded Lean."""
