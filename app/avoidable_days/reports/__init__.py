"""Studies of avoidable days: what they are lost to, how often, at what cost, and whether what was done moved them."""
