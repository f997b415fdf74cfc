section
variable (absurdity : False)

theorem target : 1 = 2 := by
  sorry

end
