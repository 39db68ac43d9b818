"""Remote actions: guarded, sent, proved, and climbed as ladders."""
