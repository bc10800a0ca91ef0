"""The tab Long-term of a stay, and what the course of a stay lends to briefs and packets."""
