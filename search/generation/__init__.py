"""Models that write tactics: their files, the worker process that runs them, bytes in and out."""
