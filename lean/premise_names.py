"""Which theorems a person would name in a proof. Only by their names; nothing here asks Lean."""

import re

_UNUSABLE = re.compile(
    r"✝|(?:^|\.)(?:_|Internal\.)|(?:^|\.)(?:inst[A-Z]\w*|induct|fun_cases)(?:$|\.)"
    r"|^(?:Lean\.(?:Omega|Grind)|Std\.Tactic|(?:Int|Nat)\.(?:Linear|ToInt|Nonneg))\."
    r"|\.to[A-Z][A-Za-z]*$|\.(?:sizeOf_spec|congr_simp|h?congr_\w*\d+(?:_\w+)?|eq_def|eq_\d+"
    r"|splitter|brecOn\w*|below|induct_unfolding|fun_cases_unfolding|match_\d+\w*|noConfusion\w*"
    r"|inj|injEq|ctorIdx_\w+|ofNat_ctorIdx)(?:$|\.)"
)
"""Private names, instances, what Lean makes for itself, and what tactics keep for themselves."""
_ROUTINE = frozenset(
    [
        "And.left",
        "And.right",
        "Or.elim",
        "Or.symm",
        "Eq.symm",
        "Eq.trans",
        "Eq.subst",
        "Eq.substr",
        "Eq.mp",
        "Eq.mpr",
        "Eq.propIntro",
        "absurd",
        "id",
        "rfl",
        "propext",
        "funext",
        "congr",
        "congrArg",
        "congrFun",
        "eq_self",
        "eq_true",
        "eq_false",
        "eq_false'",
        "of_eq_true",
        "of_eq_false",
        "eq_of_heq",
        "heq_of_eq",
        "heq_eq_eq",
        "iff_of_eq",
        "iff_self",
        "proof_irrel",
        "of_decide_eq_true",
        "decide_eq_true",
        "noConfusion_of_Nat",
        "Decidable.byContradiction",
        "Classical.byContradiction",
        "Classical.em",
        "if_pos",
        "if_neg",
        "dif_pos",
        "dif_neg",
        "ite_congr",
        "dite_congr",
        "ite_cond_eq_true",
        "ite_cond_eq_false",
        "dite_cond_eq_true",
        "dite_cond_eq_false",
        "implies_true",
        "implies_congr",
        "implies_congr_ctx",
        "implies_dep_congr_ctx",
        "forall_congr",
        "forall_const",
        "pi_congr",
        "let_congr",
        "let_val_congr",
        "true_and",
        "and_true",
        "true_or",
        "or_true",
        "false_and",
        "and_false",
        "false_or",
        "or_false",
        "and_self",
        "or_self",
        "not_false_eq_true",
        "not_true_eq_false",
        "Bool.false_eq_true",
        "Bool.true_eq_false",
    ]
)
"""Steps of logic that tactics put into nearly every proof: nobody looks for them."""
_BROUGHT = frozenset(
    [
        "le_of_le_of_eq",
        "Int.sub_nonneg_of_le",
        "Int.add_one_le_of_lt",
        "Int.natCast_add",
        "Int.natCast_mul",
        "Int.natCast_sub",
        "Int.natCast_ediv",
        "Int.natCast_emod",
        "Int.natCast_zero",
        "Int.natCast_nonneg",
        "Int.ofNat_sub",
        "Int.sub_eq_zero_of_eq",
        "Int.lt_or_gt_of_ne",
        "Int.emod_def",
        "Int.lt_mul_ediv_self_add",
        "Int.mul_ediv_self_le",
        "Int.max_def",
        "Int.min_def",
        "Nat.lt_or_gt_of_ne",
        "Nat.lt_of_not_le",
        "Nat.le_of_not_lt",
    ]
)
"""What `omega` and `grind` put into the proofs that they make."""
_BRINGS = re.compile(r"(?:Lean\.(?:Omega|Grind)|(?:Int|Nat)\.Linear)\.")


def is_usable(name: str) -> bool:
    """Is this a theorem that a person would look for, and could name?"""
    return name not in _ROUTINE and not _UNUSABLE.search(name)


def chosen(premises: tuple[str, ...]) -> tuple[str, ...]:
    """Of the theorems in a proof term those that are there because they were chosen for it."""
    brought = _BROUGHT if any(map(_BRINGS.match, premises)) else frozenset[str]()
    return tuple(name for name in premises if name not in brought and is_usable(name))
