"""What earlier runs saw, and what it proves today."""
