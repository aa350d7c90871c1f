"""What is in the image: which repository file lands where, and what surrounds it there."""
