"""What a driver does and sees: a report from the station that is meant to the verdict, and on to the hotline."""
