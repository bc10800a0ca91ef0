"""Commands that look after what an installation keeps: the keys of sealed secrets."""
