"""What one editor has open, and what is known about it; how it is shown is `server.features`."""
