"""Published instruments of risk: their parts, their sum, what is missing."""
