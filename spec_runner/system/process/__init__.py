"""Processes: started, heard, waited for, stopped."""
