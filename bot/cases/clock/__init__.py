"""What happens by itself when time has passed: levels, promises, and everything else that falls due."""
