have «‮hp» := hp
exact «‮hp»