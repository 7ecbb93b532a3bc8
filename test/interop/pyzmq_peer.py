# A peer with pyzmq and its zmq.auth, which does one thing and says what came of it:
#
#   create FOLDER NAME                makes the files of a certificate
#   load FILE                         prints its keys, "-" for a secret that isn't there
#   serve SECRET FOLDER               answers requests of those whose certificates are
#                                     in the folder, with who asked, until it is ended
#   ask SERVER SECRET ENDPOINT TEXT   asks once, and prints the answer
import sys

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator


def say(*words):
    print(*words, flush=True)


def create(folder, name):
    zmq.auth.create_certificates(folder, name, {"name": "made by pyzmq"})
    say("created")


def load(file):
    public, secret = zmq.auth.load_certificate(file)
    say(public.decode(), secret.decode() if secret else "-")


def serve(secret_file, folder):
    context = zmq.Context.instance()
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    authenticator.configure_curve(domain="*", location=folder)
    reply = context.socket(zmq.REP)
    reply.curve_publickey, reply.curve_secretkey = zmq.auth.load_certificate(
        secret_file
    )
    reply.curve_server = True
    reply.bind("tcp://127.0.0.1:*")
    say(reply.last_endpoint.decode())
    while True:
        frame = reply.recv(copy=False)
        reply.send_multipart([frame.bytes, frame.get("User-Id").encode()])


def ask(server_file, secret_file, endpoint, text):
    request = zmq.Context.instance().socket(zmq.REQ)
    request.curve_serverkey, _ = zmq.auth.load_certificate(server_file)
    request.curve_publickey, request.curve_secretkey = zmq.auth.load_certificate(
        secret_file
    )
    request.connect(endpoint)
    request.send_string(text)
    say(*[part.decode() for part in request.recv_multipart()])


{"create": create, "load": load, "serve": serve, "ask": ask}[sys.argv[1]](
    *sys.argv[2:]
)
