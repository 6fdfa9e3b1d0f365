"""REST of what is learned, a module a family of addresses."""
