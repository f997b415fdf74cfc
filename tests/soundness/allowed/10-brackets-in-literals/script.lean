have _c : Char := ')'
have _s : String := "⟩ ) -/ end"
omega