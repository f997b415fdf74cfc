omega

run_cmd Lean.logInfo "code ran"