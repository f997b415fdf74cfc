exact absurd (target (n + 1)) (by omega)
termination_by n
decreasing_by sorry