"""A client that says exactly what it is told, as messages of RFC 4252 and RFC 4256:

    interactive_client.py HOST PORT USER KEY STEP...

`none`, `key`, `interactive`, `answer:TEXT`, `answers:N:TEXT`, `password:TEXT`, `change:OLD:NEW`, `raw:HEX`. Prints what comes back for each as a line; `-` for nothing."""

import queue
import socket
import sys

import paramiko
from paramiko import Message
from paramiko.common import cMSG_SERVICE_REQUEST, cMSG_USERAUTH_REQUEST

_PATIENCE = 15
_NAMES = {3: "unimplemented", 6: "service", 51: "failure", 52: "success", 53: "banner", 60: "question"}


class Listener:
    """Takes the place of Paramiko's own idea of authentication."""

    def __init__(self):
        self.heard = queue.Queue()
        self._handler_table = {number: (lambda me, message, number=number: me.heard.put((number, message))) for number in _NAMES}

    def is_authenticated(self):
        return False

    def abort(self):
        self.heard.put((0, None))

    def next(self, sent=""):
        number, message = self.heard.get(timeout=_PATIENCE)
        if number == 51:
            methods = message.get_text()
            return f"failure {methods}{' partial' if message.get_boolean() else ''}"
        if number == 53:
            return f"banner {message.get_text().strip()}"
        if number == 60 and sent.startswith(("password", "change")):
            return f"change {message.get_text()}"
        if number == 60:
            message.get_text(), message.get_text(), message.get_text()
            return "question " + "|".join(message.get_text() + str(message.get_boolean()) for _ in range(message.get_int()))
        return _NAMES.get(number, "gone")


def request(user, method):
    message = Message()
    message.add_byte(cMSG_USERAUTH_REQUEST)
    for text in (user, "ssh-connection", method):
        message.add_string(text)
    return message


def signed(transport, user, key):
    def fields(into):
        into.add_boolean(True)
        into.add_string(key.get_name())
        into.add_string(key.asbytes())
        return into

    what = Message()
    what.add_string(transport.session_id)
    what.add_bytes(fields(request(user, "publickey")).asbytes())
    message = fields(request(user, "publickey"))
    message.add_string(key.sign_ssh_data(what.asbytes()))
    return message


def answers(count, texts):
    message = Message()
    message.add_bytes(bytes([61]))
    message.add_int(count)
    for text in texts:
        message.add_string(text)
    return message


def message_of(step, transport, user, key):
    word, *rest = step.split(":")
    if word == "none":
        return request(user, "none")
    if word == "key":
        return signed(transport, user, key)
    if word == "interactive":
        message = request(user, "keyboard-interactive")
        message.add_string("")
        message.add_string("")
        return message
    if word in ("password", "change"):
        message = request(user, "password")
        message.add_boolean(word == "change")
        for text in rest:
            message.add_string(text)
        return message
    if word == "raw":
        return Message(bytes.fromhex(rest[0]))
    return answers(1, rest) if word == "answer" else answers(int(rest[0]), rest[1:])


def main(host, port, user, key, *steps):
    transport = paramiko.Transport(socket.create_connection((host, int(port)), _PATIENCE))
    transport.start_client(timeout=_PATIENCE)
    listener = transport.auth_handler = Listener()
    service = Message()
    service.add_byte(cMSG_SERVICE_REQUEST)
    service.add_string("ssh-userauth")
    transport._send_message(service)
    assert listener.next() == "service"
    ours = paramiko.Ed25519Key.from_private_key_file(key)
    for step in steps:
        quiet = step.startswith("~")  # nothing comes back
        transport._send_message(message_of(step.removeprefix("~"), transport, user, ours))
        print("-" if quiet else listener.next(step.removeprefix("~")), flush=True)
    transport.close()


main(*sys.argv[1:])
