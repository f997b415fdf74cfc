-- a commentsorry
omega