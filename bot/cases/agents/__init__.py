"""The desk of agents: the card and all that is done from it, their groups, and when they are on duty."""
