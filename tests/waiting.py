import threading
import time


def until(condition, seconds=30):
    """Wait for what another process does, and no longer than it may take."""
    limit, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        pause.wait(0.02)
