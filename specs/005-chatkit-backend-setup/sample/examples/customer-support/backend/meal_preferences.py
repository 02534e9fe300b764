"""What customers like to eat on board; the setup of the spec deletes it."""

MEALS = ("vegetarian", "vegan", "kosher", "halal", "standard")
