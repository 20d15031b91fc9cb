"""Tiny notebooks, each for one behaviour of the runner."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = 'dataset: str = "town"\nyear: int = 0\nlanguage: str = "vi"'


def markdown(text, language=None, key=None):
    metadata = {"tags": [f"lang-{language}"]} if language else {}
    return new_markdown_cell(text, metadata=metadata, **({"id": key} if key else {}))


def notebook(*cells, parameters=PARAMETERS, sectors=("money",), requires=(), order=1, **more):
    """A notebook of the contract's form with some cells of its own; strings are code."""
    about = {"sectors": list(sectors), "requires": list(requires), "order": order, **more}
    made = new_notebook(metadata={"laichau": about})
    made.cells = [
        markdown("# Tiêu đề", "vi", "title-vi"),
        markdown("# Title", "en", "title-en"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}, id="parameters"),
        *[new_code_cell(cell, id=f"cell-{i}") if isinstance(cell, str) else cell for i, cell in enumerate(cells)],
    ]
    return made


def write(folder, name, *cells, **more):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook(*cells, **more), path)
    return path
