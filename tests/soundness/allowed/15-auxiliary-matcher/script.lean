exact match o, h with
  | none, h => absurd rfl h
  | some n, _ => ⟨n, rfl⟩