omega

attribute [simp] Nat.add_comm