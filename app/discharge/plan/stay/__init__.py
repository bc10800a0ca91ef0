"""The plan on the pages of a stay: its tab, its forms, its card, its words in packets and briefs."""
