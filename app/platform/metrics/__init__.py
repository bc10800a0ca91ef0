"""Figures of operation for Prometheus: what processes count themselves, and what the database knows."""
