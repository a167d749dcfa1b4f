"""An issuer whose every user has signed on, and that lies as it is told:

    liar.py FOLDER

FOLDER has tls.pem, tls.key and says.json, which is read anew for each request: `issuer`, `client_id`, and of what follows what is
to be another: `discovery`, `device` and `claims` (members), `header` (of the token), `signature` (none, hmac, other), `status`."""

import base64
import hmac
import http.server
import json
import pathlib
import ssl
import sys
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

folder = pathlib.Path(sys.argv[1])
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
other = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def jwk():
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": "one", "n": number(numbers.n), "e": number(numbers.e)}


def signature(text, says):
    how = says.get("signature")
    if how == "none":
        return ""
    if how == "hmac":  # by the public key, which everybody knows
        public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return encoded(hmac.digest(public, text.encode(), "sha256"))
    return encoded((other if how == "other" else key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))


def token(says):
    now = int(time.time())
    claims = {"iss": says["issuer"], "aud": says["client_id"], "sub": "1", "iat": now, "exp": now + 60, "preferred_username": "alice"}
    header = {"alg": "RS256", "kid": "one"} | says.get("header", {})
    text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims | says.get("claims", {})))
    return f"{text}.{signature(text, says)}"


def answer(path, says):
    issuer = says["issuer"]
    if path == "/.well-known/openid-configuration":
        endpoints = {"device_authorization_endpoint": f"{issuer}/device", "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/keys"}
        return {"issuer": issuer} | endpoints | says.get("discovery", {})
    if path == "/device":
        shown = {"device_code": "d", "user_code": "ABCD-EFGH", "verification_uri": f"{issuer}/activate", "expires_in": 300}
        return shown | says.get("device", {})
    return {"keys": [jwk()]} if path == "/keys" else {"id_token": token(says)}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        says = json.loads((folder / "says.json").read_text())
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(folder / "requests", "a", encoding="ascii") as requests:
            requests.write(f"{self.path}\n")
        body = says["body"].encode() if "body" in says else json.dumps(answer(urllib.parse.urlparse(self.path).path, says)).encode()
        self.send_response(says.get("status", 200))
        self.send_header("Location", f"{says['issuer']}/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
place = urllib.parse.urlparse(json.loads((folder / "says.json").read_text())["issuer"])
server = http.server.ThreadingHTTPServer((place.hostname, place.port), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
