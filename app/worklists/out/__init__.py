"""Lists as files and on paper: what leaves is what the page shows under its view, marked with who took it and when."""
