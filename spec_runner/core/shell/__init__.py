"""Shell text → statements, commands and the programs they start."""
