"""Reviewing findings: the queue, verdicts, coaching, disputes, and what was missed."""
