"""One file a verb: the stages in order, with the lake. A verb returns a frozen answer; ``cli`` shows it."""
