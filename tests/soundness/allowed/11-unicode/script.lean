-- 🎉 здравствуй ∀ε>0
have «η prime» := η
exact «η prime».symm