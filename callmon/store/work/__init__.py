"""Runs over recordings, the workers that make them, and what they keep on the way."""
