"""A run of the engine as a folder that somebody else can check."""
