"""Texts that want to be more than text."""

CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><style>*{display:none}</style>",
    "[x](javascript:alert(1)) ![x](https://example.org/x.png)",
    '<a href="javascript:alert(1)">x</a>',
    '" onmouseover="alert(1)" x="',
    "</td></tr></table></main><!-- ' <b>unclosed",
    "&lt;b&gt; &amp;amp; &#x3c;i&#x3e;",
    "turned \u202e round \u2066 and \u2069 back",
    "W" * 300,
    '=HYPERLINK("https://example.org","x")',
    "@SUM(1)",
    "+1+1",
    "-1-1",
    "{{ 7 * 7 }} {name} {0} %s",
    r"$\frac{1}{2$ and $x$",
    "_begins with a line",
]
