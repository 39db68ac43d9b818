"""A local Telegram and simulated stations, for trying the service without the outside world."""
