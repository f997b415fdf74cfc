first
  | omega
  | exact absurd h sorry