"""One scorecard as pictures: counts beside what would have come, the forest of sensors, how long it held."""
