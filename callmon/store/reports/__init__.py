"""Sums over calls, and the ledger of promises."""
