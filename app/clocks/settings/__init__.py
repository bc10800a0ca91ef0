"""What a house sets for its clocks: lines of its payers, and terms of its own or of contracts for what is no law."""
