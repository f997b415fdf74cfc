omega

variable (m : Nat)