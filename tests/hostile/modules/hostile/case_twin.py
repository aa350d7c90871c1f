"""Has a twin whose name differs by case alone."""

NAME = "lower"
