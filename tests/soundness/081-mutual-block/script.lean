omega

mutual
theorem evil : True := trivial
end