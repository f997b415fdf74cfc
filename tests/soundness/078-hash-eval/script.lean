omega

#eval IO.println "code ran"