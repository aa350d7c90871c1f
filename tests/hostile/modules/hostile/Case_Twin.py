"""Has a twin whose name differs by case alone."""

import hostile.case_twin

assert hostile.case_twin.NAME == "lower"
NAME = "upper"
