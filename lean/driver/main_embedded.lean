public unsafe def main (_ : List String) : IO Unit := Unsorry.run
