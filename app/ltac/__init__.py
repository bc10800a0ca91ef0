"""What only a long-term acute care hospital has."""
