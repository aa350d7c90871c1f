"""Who people are: accounts, sessions, tokens."""
