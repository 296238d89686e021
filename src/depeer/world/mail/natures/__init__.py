"""What else than spam arrives at a trap; one nature a file."""
