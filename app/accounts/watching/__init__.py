"""What the privacy officer is asked to look at: broken glass within 72 hours, and accesses that look unusual."""
