"""Points 1 and 2: a page is one file that asks for nothing and runs nothing."""

import re
from urllib.parse import unquote

from laichau_analysis.runner.rendering import CONTENT_SECURITY_POLICY


def test_it_asks_for_nothing_and_prints_nothing(desk):
    first, *others = desk.requests
    assert first == desk.file.as_uri()
    assert [url for url in others if not url.startswith("data:")] == []
    assert desk.messages == []


def test_it_shows_at_once_without_a_network(desk):
    assert desk.seconds < 2


def test_it_holds_no_script(desk):
    found = desk.look(
        """() => [...document.querySelectorAll('*')].flatMap(e => [
            ...(/^(script|iframe|object|embed|link|base|form|video|audio)$/i.test(e.tagName) ? [e.tagName] : []),
            ...[...e.attributes].filter(a => /^on/i.test(a.name) || /^\\s*javascript:/i.test(a.value)).map(a => a.name),
        ])"""
    )
    assert found == []


def test_its_policy_forbids_what_it_does_not_need(desk):
    policies = desk.look(
        "() => [...document.querySelectorAll('meta[http-equiv=\"Content-Security-Policy\"]')].map(m => m.content)"
    )
    assert policies == [CONTENT_SECURITY_POLICY]
    for rule in ("default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"):
        assert rule in policies[0]


def test_the_policy_holds_against_a_script_that_got_in(browser, published, tmp_path):
    html = (published / "vi" / "budget.html").read_text(encoding="utf-8")
    broken = tmp_path / "page.html"
    broken.write_text(html.replace("<h1", "<script>document.title = 'ran'</script><h1", 1), encoding="utf-8")
    page = browser.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(broken.as_uri())
    assert page.title() != "ran"
    assert "Content Security Policy" in said[0]
    page.close()


def test_every_link_leads_somewhere(desk):
    links = desk.look("() => [...document.querySelectorAll('[href], [src]')].map(e => e.getAttribute('href') ?? e.src)")
    places = set(desk.look("() => [...document.querySelectorAll('[id]')].map(e => e.id)"))
    assert links
    for link in links:
        if link.startswith("#"):
            assert unquote(link[1:]) in places
        elif not link.startswith("data:image/"):
            assert not re.match(r"\w+:|//", link)
            assert (desk.file.parent / unquote(link)).is_file(), link


def test_identifiers_are_unique(desk):
    found = desk.look("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(found) == len(set(found))
