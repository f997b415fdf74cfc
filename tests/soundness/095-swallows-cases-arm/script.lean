cases m with
  | zero => rfl