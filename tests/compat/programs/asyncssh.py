"""A client made of AsyncSSH. See library.py for how it is called."""

import asyncio
import os
import signal
import sys
import tty

import asyncssh


class Program:
    def __init__(self, connection):
        self._connection = connection

    async def execute(self, command):
        done = await self._connection.run(command, input=sys.stdin.buffer.read(), encoding=None)
        sys.stdout.buffer.write(done.stdout)
        sys.stderr.buffer.write(done.stderr)
        return done.exit_status

    async def shell(self):
        size = lambda: tuple(os.get_terminal_size())
        tty.setraw(0)
        process = await self._connection.create_process(term_type=os.environ["TERM"], term_size=size(), stdin=sys.stdin, stdout=sys.stdout)
        asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, lambda: process.change_terminal_size(*size()))
        return (await process.wait()).exit_status

    async def upload(self, *words):
        await self._sftp("put", words)

    async def download(self, *words):
        await self._sftp("get", words)

    async def _sftp(self, verb, words):
        async def one(source, target):
            async with self._connection.start_sftp_client() as sftp:
                await getattr(sftp, verb)(source, target)

        await asyncio.gather(*(one(*pair) for pair in zip(words[::2], words[1::2])))

    async def local_forward(self, near, far):
        await self._connection.forward_local_port("127.0.0.1", int(near), "127.0.0.1", int(far))
        await self._connection.wait_closed()

    async def remote_forward(self, far, near):
        await self._connection.forward_remote_port("127.0.0.1", int(far), "127.0.0.1", int(near))
        await self._connection.wait_closed()

    async def echo(self, channels, size):
        sent = os.urandom(int(size))
        all_of = [self._connection.run("cat", input=sent, encoding=None) for _ in range(int(channels))]
        print(sum(done.stdout == sent for done in await asyncio.gather(*all_of)))

    async def stay(self, seconds):
        self._connection.set_keepalive(1, 1)
        return await self.execute(f"sleep {seconds}; hostname")


async def main(verb, *words):
    if verb == "version":
        print("asyncssh", asyncssh.__version__)
        return 0
    to = {name: os.environ[f"TO_{name.upper()}"] for name in ("host", "user", "key", "known_hosts", "rekey_mib")}
    rekey = {"rekey_bytes": int(to["rekey_mib"]) * 2**20} if to["rekey_mib"] else {}
    names = {"username": to["user"], "client_keys": [to["key"]], "known_hosts": to["known_hosts"]}
    async with asyncssh.connect(to["host"], **names, **rekey) as connection:
        return await getattr(Program(connection), verb)(*words)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
