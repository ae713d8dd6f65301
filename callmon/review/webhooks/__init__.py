"""Tells other systems what happened."""
