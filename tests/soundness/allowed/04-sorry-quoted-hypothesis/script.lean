intro «sorry»
exact «sorry»