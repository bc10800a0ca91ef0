"""Proposed avoidable days: computed from the facts of a stay, waiting until somebody confirms or rejects them."""
