"""What files there are: discovering, hashing, telling formats, noticing what changed."""
