"""Asks a question at import."""

ANSWER = input("Continue? ")
