"""Spawns a process during import, as scripts without the main guard do."""

import multiprocessing
import os

process = multiprocessing.get_context("spawn").Process(target=os.getpid)
process.start()
process.join()
assert process.exitcode == 0
