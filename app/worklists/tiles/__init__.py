"""The lists behind the six tiles of Control: a tile counts with the very condition of the list that it opens."""
