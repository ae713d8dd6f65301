"""Backups: the database in a form that either kind of database takes, and the sounds."""
