"""What a lead settles for a facility: the rules in their order, and the minutes that work takes."""
