have _t := eval% (1 + 1)
omega