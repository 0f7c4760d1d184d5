"""The files under OUTPUT_URL as a whole: swept of what nobody names, exported for other systems to read."""
