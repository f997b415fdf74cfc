exact answer
where answer : a ≤ b := by omega