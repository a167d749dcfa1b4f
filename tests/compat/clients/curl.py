"""curl, which is libssh2: `sftp://` and `scp://`."""

from .tool import ONE_COMMAND, SAYS_SO, Tool, with_options


class Curl(Tool):
    program = ["curl", "--version"]
    package = "curl"
    scheme = None
    notes = [
        "The first key that `~/.ssh/known_hosts` has for the bastion must not be the RSA one: for RSA host keys, too, libssh2 "
        "1.10 knows SHA-1 only. What `ssh` has accepted first is the ed25519 key."
    ]
    cannot = ONE_COMMAND | {step: "copies files only" for step in ("exec", "exit status", "terminal", "-L", "-R", "keepalive")} | {
        "rekey": "libssh2 never asks for new keys"
    }

    def upload(self, file, name):
        self._curl("--upload-file", file, name)

    def download(self, name, file):
        self._curl("--output", file, name)

    def _curl(self, option, file, name):
        # The user name ends with a colon: no password.
        url = f"{self.scheme}://{self.host}/~/{name}"
        self.run("curl", *self._options(), "--user", f"{self.user}:", option, file, url).succeeded()

    def _options(self):
        return ["-sS", "--key", self.key, "--pubkey", f"{self.key}.pub"]

    def as_typed(self, line):
        return with_options(line, self._options())

    def with_key(self, path):
        return self.changed(key=path)


class CurlSftp(Curl):
    name = "curl `sftp://`"
    scheme = "sftp"
    lines = {
        "curl -u {target}: sftp://bastion/~/whereabouts": SAYS_SO,
        "curl sftp://{escaped}:@bastion:2222/~/whereabouts": SAYS_SO,
    }


class CurlScp(Curl):
    name = "curl `scp://`"
    scheme = "scp"
    lines = {"curl scp://{escaped}:@bastion/~/whereabouts": SAYS_SO}
