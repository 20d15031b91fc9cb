"""JupyterLab on the notebooks; its kernel is the interpreter that runs the command."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager

from ..errors import UsageError
from ..files import write_atomically
from ..shipped import SEARCH_PATH, find_dataset, shipped

__all__ = ["ThisInterpreter", "make_known", "notebooks_to_open", "open_lab"]


class ThisInterpreter(KernelSpecManager):
    """Kernels as they are installed, but ``python3``, which notebooks ask for, is the running interpreter."""

    # Jupyter takes the first kernelspec of a name that it finds: often another environment's, without this package.

    def find_kernel_specs(self) -> dict[str, str]:
        """Folders of all kernels by name."""
        return {**super().find_kernel_specs(), NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """How a kernel is started."""
        if kernel_name.lower() == NATIVE_KERNEL_NAME:
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())
        return super().get_kernel_spec(kernel_name)


def notebooks_to_open(chosen: Path | None = None, *, tell: Callable[[str], None] = lambda message: None) -> Path:
    """The folder that JupyterLab shows.

    Parameters
    ----------
    chosen : Path, optional
        A folder of notebooks; by default those that ship. Those of a checkout are opened where they are; those of
        an installed package are copied into ``notebooks`` of the present folder, as far as they are not there.
    tell : callable, optional
        Called with what was copied.

    Returns
    -------
    Path

    Raises
    ------
    PublishError
        If they cannot be copied.
    """
    if chosen:
        return chosen.resolve()
    own = shipped("notebooks")
    if not own.is_relative_to(Path(__file__).resolve().parent.parent):
        return own
    folder = Path("notebooks")
    missing = [path for path in sorted(own.glob("*.ipynb")) if not (folder / path.name).exists()]
    for path in missing:
        write_atomically(folder / path.name, path.read_bytes())
    if missing:
        tell(f"copied to {folder}: {', '.join(path.stem for path in missing)}")
    return folder.resolve()


def make_known(dataset: str) -> str:
    """Let the kernels of this process find a data set by its folder's name.

    Parameters
    ----------
    dataset : str
        Its folder, or its name.

    Returns
    -------
    str
        The name, for the cell of parameters.

    Raises
    ------
    UsageError
        If there is none.
    """
    place = find_dataset(dataset)
    before = [str(Path(folder).resolve()) for folder in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if folder]
    os.environ[SEARCH_PATH] = os.pathsep.join(dict.fromkeys([str(place.parent), *before]))
    return place.name


def open_lab(
    notebooks: Path | None = None,
    data: str = "",
    arguments: Sequence[str] = (),
    *,
    tell: Callable[[str], None] = lambda message: None,
) -> None:
    """Run JupyterLab until it is stopped.

    Parameters
    ----------
    notebooks : Path, optional
        Folder that it shows; see ``notebooks_to_open``.
    data : str
        Name or folder of a data set that its kernels are to know.
    arguments : sequence of str
        Further arguments, as ``jupyter lab`` takes them.
    tell : callable, optional
        Called with what the user needs to know.

    Raises
    ------
    UsageError
        If JupyterLab is not installed, or there is no such data set.
    PublishError
        If notebooks cannot be copied.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise UsageError("JupyterLab is not installed. Install it with: pip install 'laichau-analysis[lab]'")
    from jupyterlab.labapp import LabApp

    if data:
        tell(f'in a notebook\'s cell of parameters, this data set is: dataset: str = "{make_known(data)}"')
    folder = notebooks_to_open(notebooks, tell=tell)
    own = [f"--ServerApp.root_dir={folder}", f"--ServerApp.kernel_spec_manager_class={__name__}.ThisInterpreter"]
    LabApp.launch_instance([*own, *arguments])
