"""How well the machine judges, and how well the reviewers agree."""
