"""A child process to send real signals to: it says what it hears, a word a line."""

from __future__ import annotations

import signal
import sys
import threading

from reconciler.daemon.signals import signals


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(behaviour: str) -> None:
    stop = threading.Event()

    def heard(number: signal.Signals) -> None:
        say(number.name)
        if behaviour != "deaf":
            stop.set()

    with signals(stop=heard, reload=lambda: say("reload")):
        say("listening")
        if behaviour == "busy":
            # Hammers the lock that a handler setting the event would need.
            while not stop.wait(0):
                pass
        else:
            stop.wait(60)
    say("done")


if __name__ == "__main__":
    main(sys.argv[1])
