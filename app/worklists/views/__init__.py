"""Views of lists that people keep: named, shared by a lead, opened by default."""
