"""The tables, by what they are about. `migrations/` makes them; a test holds the two
against each other."""
