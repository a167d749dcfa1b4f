"""What a reader of the pages' sources may rely on."""

import re

from stand_in import ASSETS

SOURCES = sorted(ASSETS.glob("*.js"))


def test_no_source_makes_markup_of_text():
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|setAttribute\(\s*[\"']style|\.style\b|createContextualFragment")
    assert [(file.name, found.group()) for file in SOURCES for found in forbidden.finditer(file.read_text())] == []


def test_no_source_knows_another_place():
    for file in [*SOURCES, *ASSETS.glob("*.html"), *ASSETS.glob("*.css")]:
        urls = [url for url in re.findall(r"https?://[^\"'\s)]*|//[a-z0-9.-]+\.[a-z]{2,}", file.read_text()) if not url.startswith("http://www.w3.org/")]
        assert urls == [], file.name


def test_nothing_stands_in_the_page_itself():
    page = (ASSETS / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)", page)


def test_every_source_is_short():
    assert [(file.name, lines) for file in SOURCES if (lines := len(file.read_text().splitlines())) > 400] == []
