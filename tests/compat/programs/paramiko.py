"""A client made of Paramiko. See library.py for how it is called."""

import contextlib
import io
import os
import signal
import socket
import sys
import threading
import tty

import paramiko

_BLOCK = 65536


class Program:
    def __init__(self, client):
        self._client = client
        self._transport = client.get_transport()

    def execute(self, command):
        channel = self._transport.open_session()
        channel.exec_command(command)
        threads = [
            # Not its buffer, which nobody may hold when the program ends.
            _copy(lambda length: os.read(0, length), channel.sendall, channel.shutdown_write),
            _copy(channel.recv, sys.stdout.buffer.write),
            _copy(channel.recv_stderr, sys.stderr.buffer.write),
        ]
        for thread in threads[1:]:
            thread.join()
        return self._status_of(channel)

    def shell(self):
        size = lambda: dict(zip(("width", "height"), os.get_terminal_size()))
        channel = self._transport.open_session()
        channel.get_pty(os.environ["TERM"], **size())
        channel.invoke_shell()
        tty.setraw(0)
        signal.signal(signal.SIGWINCH, lambda *_: channel.resize_pty(**size()))
        _copy(lambda length: os.read(0, length), channel.sendall)
        while part := channel.recv(_BLOCK):
            os.write(1, part)
        return self._status_of(channel)

    def _status_of(self, channel):
        """-1: it was told none. Then what else it knows is for whoever reads this."""
        status = channel.recv_exit_status()
        if status < 0:
            state = "is up" if self._transport.is_active() else f"is lost ({self._transport.get_exception()})"
            told = f"EOF {channel.eof_received}, closed {channel.closed}"
            print(f"no exit status: the connection {state}, the channel: {told}", file=sys.stderr)
        return status

    def upload(self, *words):
        self._sftp("put", words)

    def download(self, *words):
        self._sftp("get", words)

    def _sftp(self, verb, words):
        def one(source, target):
            with self._client.open_sftp() as sftp:
                getattr(sftp, verb)(source, target)

        _all_of([threading.Thread(target=one, args=pair) for pair in zip(words[::2], words[1::2])])

    def local_forward(self, near, far):
        listening = socket.create_server(("127.0.0.1", int(near)))
        while True:
            peer, address = listening.accept()
            _join(peer, self._transport.open_channel("direct-tcpip", ("127.0.0.1", int(far)), address))

    def remote_forward(self, far, near):
        self._transport.request_port_forward("127.0.0.1", int(far))
        while channel := self._transport.accept():
            _join(socket.create_connection(("127.0.0.1", int(near))), channel)

    def echo(self, channels, size):
        sent = os.urandom(int(size))
        given_back = []

        def one():
            channel = self._transport.open_session()
            channel.exec_command("cat")
            _copy(io.BytesIO(sent).read, channel.sendall, channel.shutdown_write)
            given_back.append(b"".join(iter(lambda: channel.recv(_BLOCK), b"")) == sent)

        _all_of([threading.Thread(target=one) for _ in range(int(channels))])
        print(sum(given_back))

    def stay(self, seconds):
        self._transport.set_keepalive(1)
        return self.execute(f"sleep {seconds}; hostname")


def _copy(read, write, then=lambda: None):
    def run():
        with contextlib.suppress(OSError):
            while part := read(_BLOCK):
                write(part)
            then()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _join(peer, channel):
    _copy(peer.recv, channel.sendall, channel.shutdown_write)
    _copy(channel.recv, peer.sendall, lambda: peer.shutdown(socket.SHUT_WR))


def _all_of(threads):
    failures = []
    threading.excepthook = lambda failure: failures.append(failure.exc_value)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def main(verb, *words):
    if verb == "version":
        print("paramiko", paramiko.__version__)
        return 0
    to = {name: os.environ[f"TO_{name.upper()}"] for name in ("host", "user", "key", "known_hosts", "rekey_mib")}
    if to["rekey_mib"]:
        paramiko.packet.Packetizer.REKEY_BYTES = int(to["rekey_mib"]) * 2**20
    with paramiko.SSHClient() as client:
        client.load_host_keys(to["known_hosts"])
        client.connect(to["host"], username=to["user"], key_filename=to["key"], look_for_keys=False, allow_agent=False)
        return getattr(Program(client), verb)(*words)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
