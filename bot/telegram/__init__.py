"""Speaking the Bot API of Telegram: sending with budgets, and reading what an update is about."""
