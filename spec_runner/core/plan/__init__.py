"""All that would be done and why, and the loop that follows it."""
