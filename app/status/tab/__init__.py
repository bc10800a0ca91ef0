"""The status of one stay as a page: midnights, determination, paths."""
