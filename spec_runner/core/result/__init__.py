"""What came of it: how each step ended, and what that means."""
