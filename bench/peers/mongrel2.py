# The same as mongrel2.ts with python3-zmq: reads each request, headers and body, and
# answers it with so many bytes.

import json
import sys

import zmq

requests, replies, size = sys.argv[1:]
context = zmq.Context()
pull = context.socket(zmq.PULL)
publisher = context.socket(zmq.PUB)
publisher.connect(replies)
pull.connect(requests)
body = b"x" * int(size)
answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
print("ready", flush=True)


def netstring(data):
    length, rest = data.split(b":", 1)
    end = int(length)
    if rest[end:end + 1] != b",":
        raise ValueError("no netstring")
    return rest[:end], rest[end + 1:]


while True:
    sender, connection, path, rest = pull.recv().split(b" ", 3)
    raw, rest = netstring(rest)
    headers = json.loads(raw)
    content, _ = netstring(rest)
    if headers["METHOD"] == "JSON":
        continue
    head = b"%b %d:%b, " % (sender, len(connection), connection)
    publisher.send(head + answer % (len(body), body))
    if headers.get("connection") == "close":
        publisher.send(head)
