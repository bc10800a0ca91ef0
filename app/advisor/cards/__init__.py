"""The agenda and the cards of whoever decides."""
