"""Messages to attending physicians with a structured answer: signed in, through a link, or told by telephone."""
