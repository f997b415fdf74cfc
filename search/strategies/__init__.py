"""One way of finding a proof a file, all behind one interface."""
