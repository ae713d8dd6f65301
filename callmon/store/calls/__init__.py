"""Recordings, their analyses, and what is looked for in them."""
