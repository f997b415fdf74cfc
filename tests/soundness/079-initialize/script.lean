omega

initialize IO.println "code ran"