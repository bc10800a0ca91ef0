"""What tests share: the small world, the client that checks every page, readers of text tables."""
