"""Measurements side by side with a named peer or limit; each script ends with its ratios."""
