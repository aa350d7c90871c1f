"""Works with a pool of processes during import and leaves it open."""

import multiprocessing

pool = multiprocessing.get_context("fork").Pool(2)
assert pool.map(abs, [-1, -2]) == [1, 2]
