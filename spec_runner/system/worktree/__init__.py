"""Copies of a repository that commands may change."""
