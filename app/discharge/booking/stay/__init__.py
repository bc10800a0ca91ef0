"""Bookings on the stay: the page, its forms, and what they lend to banner, lights and packets."""
