"""Makes the text model of models/empathy again; its card has the commands."""
