"""The page on which a review is written, and the pages about reviews that are signed."""
