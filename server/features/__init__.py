"""One file for each thing that an editor can show or ask for; what is known is `server.editor`."""
