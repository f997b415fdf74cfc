omega

#exit