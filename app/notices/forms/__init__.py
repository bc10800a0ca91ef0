"""The official forms of a facility: edition, expiry of their approval, and the file that is printed."""
