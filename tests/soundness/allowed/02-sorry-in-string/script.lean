have _message : String := "sorry, \"admit\", #exit /- and axiom"
omega