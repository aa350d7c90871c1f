"""Leaves a helper program in a session of its own."""

import subprocess

HELPER = subprocess.Popen(["sleep", "300.107"], start_new_session=True)
