"""The checklist before departure and the hand-off packet."""
