"""The hospital's identity provider: sign-in by OpenID Connect, roles from groups, the end of what it took back."""
