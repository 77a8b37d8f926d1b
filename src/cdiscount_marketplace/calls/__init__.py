"""How a call leaves, and when it may be repeated: both APIs stand on it."""
