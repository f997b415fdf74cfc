run_tac
  IO.FS.writeFile "pwned.txt" "x"
omega