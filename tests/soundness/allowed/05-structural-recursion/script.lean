match n with
| 0 => decide
| k + 1 =>
  have smaller := target k
  omega