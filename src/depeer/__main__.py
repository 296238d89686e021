"""``python -m depeer``."""

from depeer.cli import main

main()
