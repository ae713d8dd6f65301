"""How long things are kept, and what must not be deleted."""
