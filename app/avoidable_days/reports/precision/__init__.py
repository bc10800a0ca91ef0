"""How good the rules are that propose avoidable days, by what people answered."""
