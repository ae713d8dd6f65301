"""A store to look around in: the sample calls, repeated under made-up names and dates."""
