"""Leaves a thread that goes on adding to sys.modules and taking away from it."""

import itertools
import sys
import threading


def churn():
    for number in itertools.count():
        sys.modules[f"churn{number}"] = sys
        sys.modules.pop(f"churn{number - 100}", None)


threading.Thread(target=churn, daemon=True).start()
