"""Files to payers and from them: settings of the exchange, what was sent and proof of it, what came back."""
