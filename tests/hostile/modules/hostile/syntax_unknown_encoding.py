# coding: klingon
"""Says that it is written in an encoding that nobody knows."""
