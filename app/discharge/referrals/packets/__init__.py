"""What a vendor gets to read: sections of the stay, frozen as they were sent; consents for protected stays."""
