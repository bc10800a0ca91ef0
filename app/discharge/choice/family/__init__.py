"""What a family sees through a link: the list, without a name, and a place to mark what it prefers."""
