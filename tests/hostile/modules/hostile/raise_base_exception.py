"""Raises what no `except Exception` catches."""


class PowerCut(BaseException):
    pass


raise PowerCut("lights out during import")
