"""Modules made to break whatever imports them to see whether they import."""
