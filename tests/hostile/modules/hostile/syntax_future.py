"""Wants a feature of the past."""

from __future__ import braces
