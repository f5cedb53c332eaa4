"""What happens behind the answers, in one process: the log is sealed, exports are made, webhooks sent, months prepared.

Ends when its standard input does, so that it never outlives the service.
"""

import os
import sys
import threading
import time


def end_with_parent() -> None:
    """Ends this process when standard input does."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Does what is due until the end."""
    end_with_parent()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main()
