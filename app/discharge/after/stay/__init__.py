"""The tab Follow-up of a stay, and what it lends to others."""
