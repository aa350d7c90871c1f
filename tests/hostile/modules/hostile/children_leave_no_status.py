"""Lets the kernel reap its children."""

import signal

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
