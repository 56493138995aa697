"""A port of a host that is as far away as is said on standard input, a line of milliseconds each time: what goes to it comes so much
late and in order, what it answers comes at once. Ends with its input. In Python, whose timers are exact to a tenth of a millisecond.

    python3 slow_port.py PORT TO
"""

import collections
import os
import select
import socket
import sys
import time

port, to = map(int, sys.argv[1:])
server = socket.create_server(("", port))
delay = 0.0
partner = {}
late = collections.deque()  # (when it is due, where to, what)
print("listening", flush=True)


def connected():
    near, _ = server.accept()
    try:
        far = socket.create_connection(("127.0.0.1", to))
    except OSError:
        near.close()
        return
    for one, other in ((near, far), (far, near)):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.settimeout(10)  # whoever takes nothing must not stop the others
        partner[one] = other
    inbound.add(near)


def close(one):
    other = partner.pop(one, None)
    if other is not None:
        partner.pop(other, None)
        other.close()
    inbound.discard(one)
    inbound.discard(other)
    one.close()


def send(one, data):
    try:
        one.sendall(data)
    except OSError:
        close(one)


inbound = set()
while True:
    wait = None if not late else max(0.0, late[0][0] - time.monotonic())
    readable, _, _ = select.select([0, server, *partner], [], [], wait)
    while late and late[0][0] <= time.monotonic():
        _, one, data = late.popleft()
        if one in partner:
            send(one, data)
    for one in readable:
        if one == 0:
            said = os.read(0, 4096).split()
            if not said:
                sys.exit()
            delay = float(said[-1]) / 1000
        elif one is server:
            connected()
        elif one in partner:
            try:
                data = one.recv(262144)
            except OSError:
                data = b""
            if not data:
                close(one)
            elif one in inbound:
                late.append((time.monotonic() + delay, partner[one], data))
            else:
                send(partner[one], data)
