"""Statutory statistics: the annual tables A–D, the population ledger, and what stands behind a difference."""
