"""Licensed criteria products, by reference only: which release is in use and agreed with whom, never their text."""
