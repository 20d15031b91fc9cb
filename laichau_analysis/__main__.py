"""``python -m laichau_analysis`` is the ``laichau`` command."""

from .cli import main

if __name__ == "__main__":
    main()
