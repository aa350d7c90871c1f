"""What runs now and then."""
