"""Colleagues who are away: their absence, one split of their stays, the hand-off, and the way back."""
