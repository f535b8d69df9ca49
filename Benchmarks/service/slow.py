"""So many connections that send a byte now and then, while others ask as usual. Usage: slow.py BASE COUNT ROW.json"""
import json
import resource
import socket
import sys
import time
import urllib.request

base, count, row = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "rb").read()
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
host, port = base.removeprefix("http://").split(":")
open_sockets = []
for _ in range(count):
    one = socket.socket()
    one.settimeout(30)
    try:
        one.connect((host, int(port)))
        one.send(b"POST /models/gaussian/score HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" if len(open_sockets) % 2 else b"G")
    except OSError:
        break
    open_sockets.append(one)
delays, failed = [], 0
for turn in range(200):
    for one in open_sockets[turn::200]:
        try:
            one.send(b" ")
        except OSError:
            pass
    begin = time.monotonic()
    try:
        with urllib.request.urlopen(urllib.request.Request(base + "/models/gaussian/score", data=row), timeout=30) as answer:
            json.load(answer)
    except OSError:
        failed += 1
    delays.append(time.monotonic() - begin)
delays.sort()
print(json.dumps({"case": "slow connections", "connections": len(open_sockets), "answered": len(delays) - failed, "failed": failed, "medianMs": round(1000 * delays[100], 2), "worstMs": round(1000 * delays[-1], 2)}))
