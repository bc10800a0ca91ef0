"""People, roles, facilities, units; signing in; who saw whom."""
