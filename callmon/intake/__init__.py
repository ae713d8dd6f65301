"""How recordings come in. `accept` is the one way; README.md is for those who send them."""
