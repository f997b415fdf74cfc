"""The tests; a package, so that its helpers are imported by names that are theirs alone."""
