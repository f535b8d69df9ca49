"""How long an alarm takes from its event to a live follower: fresh addresses try many users until an alarm comes. Usage: alarm.py BASE EVENTS.ndjson; exits
1 where an alarm of the 40 was not raised or not heard."""
import json
import sys
import threading
import time
import urllib.request

base, events = sys.argv[1:]
with open(events, encoding="utf-8") as file:
    last = json.loads(file.readlines()[-1])
heard = {}
ready = threading.Event()


def listen():
    request = urllib.request.Request(base + "/streams/logins/alerts", headers={"Accept": "text/event-stream"})
    with urllib.request.urlopen(request) as answer:
        for line in answer:
            ready.set()
            if line.startswith(b"data: ") and b'"entity"' in line:
                found = json.loads(line[6:])
                if "severity" in found:
                    heard.setdefault(found["entity"], time.monotonic())


threading.Thread(target=listen, daemon=True).start()
ready.wait(10)
delays = []
for number in range(40):
    address, sent = f"203.0.113.{number}", None
    for attempt in range(60):
        event = dict(last, address=address, user=f"nobody{number}-{attempt}", outcome="wrong-password")
        body = (json.dumps(event) + "\n").encode()
        sent = time.monotonic()
        with urllib.request.urlopen(urllib.request.Request(base + "/streams/logins/events", data=body)) as answer:
            alerts = json.load(answer)["alerts"]
        if alerts:
            break
    deadline = time.monotonic() + 5
    while alerts and address not in heard and time.monotonic() < deadline:
        time.sleep(0.0005)
    if address in heard:
        delays.append(heard[address] - sent)
delays.sort()
print(json.dumps({"case": "event to follower", "alarms": len(delays), "medianMs": round(1000 * delays[len(delays) // 2], 2) if delays else None, "worstMs": round(1000 * delays[-1], 2) if delays else None}))
sys.exit(0 if len(delays) == 40 else 1)
