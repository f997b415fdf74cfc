try decide
try omega
try simp