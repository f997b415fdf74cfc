prepare
exact (boom!).elim