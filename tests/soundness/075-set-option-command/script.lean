omega

section
end
set_option debug.skipKernelTC true