section
variable {α : Type} [Inhabited α]

class Full (α : Type) : Prop where
  full : Nonempty α

instance target : Full α := by
  sorry

end
