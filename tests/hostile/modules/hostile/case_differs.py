"""Imports a neighbour by the name it has on file systems that know no case."""

import hostile.Fine_A
