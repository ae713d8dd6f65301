"""`/settings`: what admins keep in order, a tab with its own address for each area."""
