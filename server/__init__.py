"""How people meet Unsorry: the command line now, the language server next."""
