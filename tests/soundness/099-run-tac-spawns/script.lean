run_tac
  discard <| IO.Process.output { cmd := "touch", args := #["pwned.txt"] }
omega