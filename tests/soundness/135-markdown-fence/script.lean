```lean
omega
```