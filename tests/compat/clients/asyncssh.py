"""AsyncSSH, for Python's asyncio."""

from .library import PythonLibrary


class AsyncSsh(PythonLibrary):
    name = "AsyncSSH"
    module = "asyncssh"
    notes = [
        "While keys are exchanged again, which it asks for after 1 GiB or an hour, version 2.10 sends data that RFC 4253 has wait. "
        "We take it, as OpenSSH does."
    ]
    package = "python3-asyncssh"
