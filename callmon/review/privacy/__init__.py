"""What is inferred, how long things are kept, and what must not be deleted."""
