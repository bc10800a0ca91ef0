"""The queue of codes that no map knows: seen, put into a category, taken back."""
