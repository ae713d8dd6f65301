"""What people decide about findings, and how that measures the machine."""
