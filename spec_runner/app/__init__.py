"""What the program can be asked to do: one module for each, ``run`` first."""
