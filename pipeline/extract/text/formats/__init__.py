"""One reader a format: bytes into blocks and pages, within bounds, without ever running or fetching anything that a file names."""
