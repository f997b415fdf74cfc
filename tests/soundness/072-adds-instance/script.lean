rfl

instance (priority := high) : Inhabited Nat := ⟨7⟩