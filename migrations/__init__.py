"""The schema, step by step: `daybook migrate` brings a database to the newest step."""
