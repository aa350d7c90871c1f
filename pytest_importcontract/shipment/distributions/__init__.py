"""Which distributions an image holds, and which modules they bring."""
