"""The ledger: every count that leaves a report, and whom it counts."""
