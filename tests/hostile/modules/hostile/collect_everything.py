"""Looks at every object there is."""

import gc

gc.collect()
for found in gc.get_objects():
    type(found)
    len(gc.get_referents(found))
gc.freeze()
gc.set_threshold(1, 1, 1)
