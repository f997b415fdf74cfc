exact answer
where answer : b < a := by sorry