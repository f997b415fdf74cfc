-- no sorry here, no native_decide, no #exit
omega /- sorry /- nested: axiom -/ admit -/