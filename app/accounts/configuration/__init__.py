"""What an installation is set to and what runs in it, for administrators."""
