"""What is installed and missing here, and whether what runs works."""
