"""What each command can be asked. Nothing here imports what a command needs to run."""
