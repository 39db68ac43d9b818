"""What people write to each other: in which case they speak, and how their words cross over."""
