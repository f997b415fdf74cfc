/-!
# From arithmetic expressions to a stack machine

The compiler is written with a continuation: `compile e rest` runs `e`, then `rest`.
-/

namespace Compiler

inductive Expr where
  | lit (n : Nat)
  | var (x : String)
  | add (a b : Expr)
  | mul (a b : Expr)

abbrev Store := String → Nat

def Expr.eval (σ : Store) : Expr → Nat
  | lit n => n
  | var x => σ x
  | add a b => a.eval σ + b.eval σ
  | mul a b => a.eval σ * b.eval σ

inductive Instr where
  | push (n : Nat)
  | load (x : String)
  | add
  | mul

def Instr.step (σ : Store) : Instr → List Nat → List Nat
  | push n, s => n :: s
  | load x, s => σ x :: s
  | add, b :: a :: s => (a + b) :: s
  | mul, b :: a :: s => (a * b) :: s
  | _, s => s

def run (σ : Store) : List Instr → List Nat → List Nat
  | [], s => s
  | i :: is, s => run σ is (i.step σ s)

def compile : Expr → List Instr → List Instr
  | .lit n, rest => .push n :: rest
  | .var x, rest => .load x :: rest
  | .add a b, rest => compile a (compile b (.add :: rest))
  | .mul a b, rest => compile a (compile b (.mul :: rest))

/-- Fold additions of zero and multiplications by one. -/
def simplify : Expr → Expr
  | .add (.lit 0) e => simplify e
  | .mul (.lit 1) e => simplify e
  | .add a b => .add (simplify a) (simplify b)
  | .mul a b => .mul (simplify a) (simplify b)
  | e => e

local notation:50 σ " ⊢ " e " ⇓ " n => Expr.eval σ e = n

theorem eval_det (σ : Store) (e : Expr) (m n : Nat) (h : σ ⊢ e ⇓ m) (k : σ ⊢ e ⇓ n) : m = n :=
  sorry

theorem run_append (σ : Store) (p q : List Instr) (s : List Nat) :
    run σ (p ++ q) s = run σ q (run σ p s) := by
  induction p generalizing s with
  | nil => rfl
  | cons i is ih => sorry

theorem run_compile (σ : Store) (e : Expr) (rest : List Instr) (s : List Nat) :
    run σ (compile e rest) s = run σ rest (e.eval σ :: s) := by
  induction e generalizing rest s with
  | lit n => rfl
  | var x => rfl
  | add a b iha ihb =>
    simp only [compile]
    rw [iha, ihb]
    sorry
  | mul a b iha ihb => sorry

theorem compile_correct (σ : Store) (e : Expr) : run σ (compile e []) [] = [e.eval σ] := by
  rw [run_compile]
  rfl

theorem simplify_sound (σ : Store) (e : Expr) : (simplify e).eval σ = e.eval σ := by
  sorry

structure Optimizer where
  apply : Expr → Expr
  sound : ∀ (σ : Store) (e : Expr), (apply e).eval σ = e.eval σ

def Optimizer.identity : Optimizer where
  apply e := e
  sound := by sorry

def Optimizer.compose (f g : Optimizer) : Optimizer where
  apply e := f.apply (g.apply e)
  sound := fun σ e => by
    sorry

/-- Instructions that the compiler emits for an expression; still to be written. -/
def cost (e : Expr) : Nat :=
  sorry

end Compiler
