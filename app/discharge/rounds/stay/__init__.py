"""What conferences and reviews of complex cases said of one stay."""
