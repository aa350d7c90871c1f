"""Silences the fault handler, then reads address 0."""

import ctypes
import faulthandler

faulthandler.disable()
ctypes.string_at(0)
