"""Makes the demo speech model: a very small Whisper trained on synthetic speech alone."""
