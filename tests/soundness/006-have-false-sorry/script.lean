have absurdity : False := by sorry
exact absurdity.elim