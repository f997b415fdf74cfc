rfl

section
end
set_option autoImplicit true