omega

attribute [implemented_by Nat.succ] keep