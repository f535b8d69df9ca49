"""So many connections that send a byte now and then, half of them within a head that never ends, half within a body, while others ask as usual.
Usage: slow.py BASE COUNT ROW.json; exits 1 where a usual request failed, not so many connections could be made, or one of them was ended before its time."""
import json
import resource
import socket
import sys
import time
import urllib.request

base, count, row = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "rb").read()
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
host, port = base.removeprefix("http://").split(":")
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "
BODY = b"POST /models/gaussian/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
open_sockets = []
for _ in range(count):
    one = socket.socket()
    one.settimeout(30)
    try:
        one.connect((host, int(port)))
        one.send(BODY if len(open_sockets) % 2 else HEAD)
    except OSError as error:
        print(f"slow: connection {len(open_sockets) + 1}: {error}", file=sys.stderr)
        break
    open_sockets.append(one)
delays, failed = [], 0
for turn in range(200):
    for place in range(turn, len(open_sockets), 200):
        try:
            open_sockets[place].send(b" " if place % 2 else b"a")
        except OSError:
            pass
    begin = time.monotonic()
    try:
        with urllib.request.urlopen(urllib.request.Request(base + "/models/gaussian/score", data=row), timeout=30) as answer:
            json.load(answer)
    except OSError:
        failed += 1
    delays.append(time.monotonic() - begin)
    # Long enough that each of the slow ones sends in its turn, and a server that lets them go has the time to.
    time.sleep(0.05)
ended = 0
for one in open_sockets:
    one.setblocking(False)
    try:
        ended += not one.recv(1)
    except BlockingIOError:
        pass
    except OSError:
        ended += 1
delays.sort()
print(json.dumps({"case": "slow connections", "connections": len(open_sockets), "answered": len(delays) - failed, "failed": failed, "ended": ended, "medianMs": round(1000 * delays[100], 2), "worstMs": round(1000 * delays[-1], 2)}))
sys.exit(1 if failed or ended or len(open_sockets) < count else 0)
