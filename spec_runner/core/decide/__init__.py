"""What a task, a span, a fence is meant to do."""
