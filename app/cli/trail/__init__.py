"""Commands of the audit trail: proof, archive."""
