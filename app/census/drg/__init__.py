"""The published tables of diagnosis-related groups: taken in by fiscal year, kept with those before, looked up."""
