"""What a user does in a browser: opens the address, enters the code, signs in, and says yes.

    browser.py CA ADDRESS CODE USER [abort]

Follows the forms of the pages as they come, and prints the title of the last one."""

import html.parser
import http.cookiejar
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

_MOST = 12


class Page(html.parser.HTMLParser):
    def __init__(self, address, text):
        super().__init__()
        self.address, self.action, self.fields, self.title, self._in_title = address, None, {}, "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self._in_title |= tag == "title"
        if tag == "form" and self.action is None:
            self.action = urllib.parse.urljoin(self.address, attributes["action"])
        if tag == "input" and "name" in attributes:
            self.fields[attributes["name"]] = attributes.get("value", "")

    def handle_endtag(self, tag):
        self._in_title &= tag != "title"

    def handle_data(self, data):
        if self._in_title:
            self.title += data


class Browser:
    def __init__(self, authority):
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        context = ssl.create_default_context(cafile=authority)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), cookies)

    def open(self, address, fields=None):
        body = urllib.parse.urlencode(fields).encode() if fields is not None else None
        try:
            with self._opener.open(address, body, timeout=20) as answer:
                return Page(answer.url, answer.read().decode())
        except urllib.error.HTTPError as error:
            return Page(address, error.read().decode())


def sign_on(authority, address, code, user, how=None):
    browser = Browser(authority)
    page = browser.open(address)
    for _ in range(_MOST):
        if page.action is None:
            return page.title
        fields = page.fields
        for name, value in {"user_code": code, "login": user, "password": "any"}.items():
            if name in fields:
                fields[name] = value
        if how == "abort" and "confirm" in fields:
            del fields["confirm"]
            fields["abort"] = "yes"
        before, page = page, browser.open(page.action, fields)
        if page.action == before.action and page.fields.keys() == before.fields.keys() == {"xsrf", "user_code"}:
            return page.title  # it asks for a code again: it takes this one no more
    raise RuntimeError(f"it does not come to an end: {page.title}")


if __name__ == "__main__":
    print(sign_on(*sys.argv[1:]))
