"""wait.py PORT PID SECONDS: wait until the emulator and its extension answer.

Exits 1 when the process ends or the time is over.
"""

import os
import sys
import time
import urllib.request

port, pid, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
# the caller's proxy settings must not stand between two programs of one machine
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
deadline = time.monotonic() + seconds


def answers(path):
    try:
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def ended():
    # /proc rather than a signal: a zombie still takes signals
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


while time.monotonic() < deadline:
    if answers("/_localstack/health"):
        # healthy without the extension would be an emulator of less: say so
        if answers("/_ourshare/ping"):
            sys.exit(0)
        ready = answers("/_localstack/init/ready")
        if ready:
            time.sleep(1)
            if not answers("/_ourshare/ping"):
                sys.exit("the server is up, but its extension was not loaded")
            sys.exit(0)
    if ended():
        sys.exit("the server ended before it answered")
    time.sleep(0.1)
sys.exit(f"no answer within {seconds:g} seconds")
