unhygienic
  skip
  sorry