"""How denials ended, tied to the reviews and answers that they came from."""
