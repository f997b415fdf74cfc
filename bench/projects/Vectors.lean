/-!
# Vectors of a fixed length
-/

inductive Vec (α : Type) : Nat → Type where
  | nil : Vec α 0
  | cons {n : Nat} (head : α) (tail : Vec α n) : Vec α (n + 1)

namespace Vec

def map {n : Nat} (f : α → β) : Vec α n → Vec β n
  | nil => nil
  | cons x v => cons (f x) (v.map f)

def sum {n : Nat} : Vec Int n → Int
  | nil => 0
  | cons x v => x + v.sum

def scale {n : Nat} (c : Int) (v : Vec Int n) : Vec Int n := v.map (c * ·)

def fill (n : Nat) (x : α) : Vec α n :=
  match n with
  | 0 => nil
  | n + 1 => cons x (fill n x)

theorem map_id {n : Nat} (v : Vec α n) : v.map (fun x => x) = v := by
  induction v with
  | nil => rfl
  | cons x v ih => sorry

theorem map_map {n : Nat} (f : α → β) (g : β → γ) (v : Vec α n) :
    (v.map f).map g = v.map (g ∘ f) := by
  induction v <;> simp_all [map]

theorem sum_scale {n : Nat} (c : Int) (v : Vec Int n) : (v.scale c).sum = c * v.sum := by
  unfold scale
  sorry

theorem sum_fill (n : Nat) (x : Int) : (fill n x).sum = n * x := by
  sorry

theorem map_fill (n : Nat) (f : α → β) (x : α) : (fill n x).map f = fill n (f x) := by
  sorry

end Vec
