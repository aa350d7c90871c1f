"""From violations to what a person can act on: chain, cause, rule, fix."""
