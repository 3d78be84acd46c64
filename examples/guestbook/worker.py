"""The guestbook's second process type: says every second that it is there."""

import signal
import threading

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
count = 0
while not stop.wait(1):
    count += 1
    print(f"worker: {count} seconds at work", flush=True)
