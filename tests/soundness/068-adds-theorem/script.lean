omega

theorem evil : 1 = 2 := by sorry