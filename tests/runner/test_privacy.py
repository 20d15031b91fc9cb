import sys
from pathlib import Path

import pytest

from laichau_analysis.runner.privacy import LONGEST, public


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[Errno 2] No such file or directory: '/srv/data/x.csv'", "[Errno 2] No such file or directory: '…/x.csv'"),
        ("no file:///srv/data/x.csv", "no …/x.csv"),
        (r"no 'C:\Users\me\x.csv'", "no '…/x.csv'"),
        ("cannot write vi/money.html: full", "cannot write vi/money.html: full"),
        ("5 billion_dong/person/year, 1/2, and/or", "5 billion_dong/person/year, 1/2, and/or"),
        ("https://me:word@example.org/a/b?x=/c/d", "https://…@example.org/a/b?x=…/d"),
        ("error:/srv/data/x.csv", "error:…/x.csv"),
        (f"no {Path.home()}/my own/x.csv", "no …/my own/x.csv"),
        (f"no {sys.prefix}/lib/x.py", "no …/x.py"),
    ],
)
def test_paths_and_passwords_are_not_told(text, told):
    assert public(text) == told


def test_a_message_has_an_end():
    assert public("x" * 10 * LONGEST) == "x" * LONGEST + "…"
