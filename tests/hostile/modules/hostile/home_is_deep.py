"""Fills its home folder with folders deeper than any path can say, a closed one at the bottom."""

import os

os.chdir(os.environ["HOME"])
for _ in range(30):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
open("file", "w").close()
os.chmod(".", 0)
