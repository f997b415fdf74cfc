omega

axiom boom : False