"""Notes on a stay: plain text, pinned or not, amended and struck out like any record."""
