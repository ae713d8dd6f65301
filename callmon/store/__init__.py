"""What is kept: recordings, their analyses, the work on them, and who did what."""
