have _text : String := include_str "secret.txt"
omega