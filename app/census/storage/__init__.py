"""The census in the database: facts as they are kept, and the difference between what is stored and what they say."""
