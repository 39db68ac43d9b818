"""A Telegram that runs in this process: the Bot API over HTTP, and the people who talk to the bot."""
