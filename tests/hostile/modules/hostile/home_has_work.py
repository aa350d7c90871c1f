"""Leaves pipes, sockets and links in its home folder."""

import os
import socket

os.chdir(os.environ["HOME"])
os.mkfifo("fifo")
os.symlink("link", "link")
socket.socket(socket.AF_UNIX).bind("socket")
