#!/usr/bin/env python3
"""A publisher of your own for natsby: the standard library and the NATS protocol, nothing else.

    python3 publisher.py [subject] [messages a second]

natsby starts two or more copies and gives each its own server in NATS_URL, NATS_USER and NATS_PASSWORD. What makes the
copies replaceable is the number in each message, taken from the clock: both give the same number to the same moment.
"""
import json, os, select, signal, socket, sys, time
from urllib.parse import urlparse

subject = sys.argv[1] if len(sys.argv) > 1 else "test"
rate = int(sys.argv[2]) if len(sys.argv) > 2 else 10
server = urlparse(os.environ["NATS_URL"])
login = {"user": os.environ["NATS_USER"], "pass": os.environ["NATS_PASSWORD"], "name": "publisher.py"}
login.update(verbose=False, pedantic=False, headers=True, lang="python", version="1")


def slot():
    """The number of this moment."""
    return int(time.time() * 1000) * rate // 1000


def message(number):
    body = json.dumps({"seq": number, "price": 100 + number % 7}).encode()
    head = f"NATS/1.0\r\nNats-Msg-Id: {subject}:{number}\r\n\r\n".encode()
    return f"HPUB {subject} {len(head)} {len(head) + len(body)}\r\n".encode() + head + body + b"\r\n"


def publish_over(nats):
    """Publishes until the connection ends. Raises where the server is silent: what piled up there would be heard late."""
    global last
    nats.sendall(f"CONNECT {json.dumps(login)}\r\nPING\r\n".encode())
    asked, waiting, connected, rest = time.monotonic(), True, False, b""
    while True:
        pause = min(max((last + 1) / rate - time.time(), 0.001), 0.25)
        if select.select([nats], [], [], pause)[0]:
            if not (data := nats.recv(65536)):
                raise OSError("the server hung up")
            *lines, rest = (rest + data).split(b"\r\n")
            for line in lines:
                if line == b"PING":
                    nats.sendall(b"PONG\r\n")
                elif line == b"PONG":
                    waiting, connected = False, True
                elif line.startswith(b"-ERR"):
                    print(line.decode(), flush=True)
        if waiting and time.monotonic() - asked > 1:
            raise OSError("the server does not answer")
        if not waiting and time.monotonic() - asked > 0.25:
            nats.sendall(b"PING\r\n")
            asked, waiting = time.monotonic(), True
        # Every number once and never backwards; after a pause at most a second of them is caught up.
        for number in range(max(last + 1, slot() - rate + 1), slot() + 1) if connected else ():
            nats.sendall(message(number))
            last = number


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
last = slot()  # begin with the next one: the copy that ran before may have sent this one
while True:
    try:
        with socket.create_connection((server.hostname, server.port), timeout=2) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            print("connecting to", server.hostname, server.port, flush=True)
            publish_over(connection)
    except OSError as problem:
        print("disconnected:", problem, flush=True)
        time.sleep(0.1)
