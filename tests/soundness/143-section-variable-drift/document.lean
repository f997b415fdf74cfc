section
variable (absurdity : False)

def target : Nonempty Empty := by
  sorry

end
