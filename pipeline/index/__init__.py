"""Set-wise work over what was stored: normalise it again, and say what the files of a group mean together."""
