"""Blocks every signal that can be blocked."""

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
