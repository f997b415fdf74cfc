/-!
# Relations and quantifiers
-/

namespace Logic

section Propositional

variable (p q r : Prop)

example : p ∧ (q ∨ r) → (p ∧ q) ∨ (p ∧ r) := by
  intro h
  cases h.right with
  | inl hq => sorry
  | inr hr => exact Or.inr ⟨h.left, hr⟩

theorem not_or_iff : ¬ (p ∨ q) ↔ ¬ p ∧ ¬ q := by
  constructor
  · sorry
  · rintro ⟨hp, hq⟩ (h | h) <;> contradiction

end Propositional

variable {α β : Type}

def Injective (f : α → β) : Prop := ∀ ⦃a b⦄, f a = f b → a = b

def Surjective (f : α → β) : Prop := ∀ b, ∃ a, f a = b

theorem Injective.comp {γ : Type} {f : α → β} {g : β → γ} (hg : Injective g) (hf : Injective f) :
    Injective (g ∘ f) := by
  intro a b h
  apply hf
  sorry

theorem injective_of_leftInverse {f : α → β} {g : β → α} (h : ∀ a, g (f a) = a) : Injective f := by
  sorry

theorem surjective_id : Surjective (fun a : α => a) :=
  fun a => ⟨a, rfl⟩

/-- Cantor's theorem. -/
theorem cantor (f : α → α → Prop) : ¬ Surjective f := by
  intro onto
  sorry

structure Preorder (α : Type) where
  le : α → α → Prop
  refl : ∀ a, le a a
  trans : ∀ a b c, le a b → le b c → le a c

def natural : Preorder Nat where
  le a b := a ≤ b
  refl := Nat.le_refl
  trans := fun a b c => sorry

def Preorder.swap (o : Preorder α) : Preorder α where
  le a b := o.le b a
  refl := o.refl
  trans := fun a b c h k => by
    sorry

theorem exists_common_bound (a b : Nat) : ∃ c, a ≤ c ∧ b ≤ c :=
  ⟨max a b, by omega, by omega⟩

end Logic
