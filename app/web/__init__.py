"""The way to the browser: closed unless declared, one door for showing, forms as commands, live updates."""
