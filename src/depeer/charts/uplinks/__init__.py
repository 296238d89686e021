"""Who can carry a network's routes upward, as a layered graph."""
