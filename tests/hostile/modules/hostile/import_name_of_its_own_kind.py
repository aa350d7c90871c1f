"""Imports a name that is text of another kind."""


class Name(str):
    def partition(self, by):
        raise RuntimeError("taken apart")

    rpartition = split = rsplit = startswith = partition


__import__(Name("hostile.fine_b"))
