"""How Sphinx builds the pages of this folder: ``make docs`` writes build/docs/index.html."""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "laichau-analysis"
author = "laichau-analysis contributors"
version = release = importlib.metadata.version(project)
html_title = f"{project} {version}"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "dictionary", "languages"]
html_theme = "furo"
html_copy_source = False
html_show_copyright = False

# Links to headings work as on a code host.
myst_heading_anchors = 3

# Docstrings say types in words ("mapping of str to DataFrame"); links come from the signatures.
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_member_order = "bysource"
# Without the network there is no index of other libraries' names to look them up in.
nitpick_ignore_regex = [("py:.*", r"(?!laichau_analysis\.).*")]
