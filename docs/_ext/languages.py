"""Pages in the folder ``vi`` say that they are Vietnamese; what Sphinx writes around them stays English."""

from typing import Any

from sphinx.application import Sphinx


def mark(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put a page's own text into an element with its language."""
    if page.startswith("vi/"):
        context["body"] = f'<div lang="vi">{context["body"]}</div>'


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx of it."""
    app.connect("html-page-context", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
