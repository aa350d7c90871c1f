"""Exhausts the stack."""


def descend():
    return descend()


descend()
