"""Backups: the whole database in one encrypted file, and back again only when everything about the file is right."""
