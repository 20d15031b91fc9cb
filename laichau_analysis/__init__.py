"""Figures of a town's report on its five-year plan, with their sources, measured and audited.

>>> import laichau_analysis as la
>>> data = la.load("lai-chau")
>>> la.metrics.progress(data, 2024, ["revenue_in_area"])["assessment"].item()
'behind'

The parts: ``dataset`` (a folder of tables, validated), ``metrics`` (attainment, pace, assessment),
``audit`` (what does not add up), ``editions`` (what has changed since the last one), ``wording``,
``tables``, ``charts`` and ``exhibits`` (for readers), ``report`` (what a notebook talks to). The command
``laichau`` executes the notebooks.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
