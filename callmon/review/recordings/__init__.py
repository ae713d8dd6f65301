"""Recordings: taking them in, finding, reading, hearing, putting right, deleting."""
