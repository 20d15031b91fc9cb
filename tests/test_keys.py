import gc

import numpy as np
import pandas as pd
import pytest

from laichau_analysis import keys
from laichau_analysis.keys import Distinct, Keys, Lists, Lookup, Spans, best_of, combined, distinct, together
from laichau_analysis.periods import period
from tests.towns import figure, indicator, part

PERIODS = [
    "2024",
    "2024-S1",
    "2024-S2",
    "2024-06",
    "2024-12",
    "2021/2024",
    "2021/2024-06",
    "../2024",
    "../2023",
    "2023",
]


def column(*values):
    return distinct(pd.Series(values, dtype="str"))


def test_each_distinct_value_is_asked_once():
    asked = []
    units = column("a", "b", "a", "a")
    assert units.map(lambda text: asked.append(text) or text.upper()).tolist() == ["A", "B", "A", "A"]
    assert asked == ["a", "b"]


def test_rows_pass_a_test_or_do_not():
    own = column("a", "", "b", "")
    assert own.rows(bool).tolist() == [0, 2]
    assert own.rows_unlike(bool).tolist() == [1, 3]
    assert own.rows(lambda text: text == "c").tolist() == []
    assert own.where(bool).tolist() == [True, False, True, False]
    assert own[[3, 2]].of_row(1) == "b"
    assert len(own) == 4


def test_values_may_become_the_same():
    own = column("a", "A", "b").merged(str.lower)
    assert own.values == ["a", "b"]
    assert own.codes.tolist() == [0, 0, 1]
    assert own.texts(lambda text: text * 2).tolist() == ["aa", "aa", "bb"]
    assert own.each(len).map(lambda size: size).tolist() == [1, 1, 1]


def test_combinations_have_numbers_of_their_own():
    rng = np.random.default_rng(1)
    columns = [distinct(pd.Series(rng.integers(0, 5, 200).astype(str))) for _ in range(3)]
    rows = list(zip(*(own.map(str) for own in columns), strict=True))
    numbers = combined(*columns).tolist()
    assert len(set(zip(rows, numbers, strict=True))) == len(set(rows)) == len(set(numbers))
    pairs = together(*columns)
    assert [pairs.of_row(row) for row in range(200)] == rows


def test_more_combinations_than_numbers_are_numbered_anew(monkeypatch):
    columns = [column(*"abcd"), column(*"aabb"), column(*"abab")]
    expected = pd.factorize(combined(*columns))[0].tolist()
    monkeypatch.setattr(keys, "MOST_KEYS", 5)
    assert pd.factorize(combined(*columns))[0].tolist() == expected


def test_no_rows_are_no_trouble():
    empty = distinct(pd.Series([], dtype="str"))
    assert together(empty, empty).texts("".join).tolist() == []
    assert Lists.empty(0).gathered(np.zeros(0)).tolist() == []
    assert [found.tolist() for found in Lookup(np.zeros(0, int), np.zeros(0, int)).pairs(np.array([1]))] == [[], []]


def test_periods_as_columns_say_what_single_ones_say():
    read = [period(code) for code in PERIODS]
    spans = Spans.of(PERIODS)
    assert spans.years.tolist() == [span.years for span in read]
    assert spans.whole_years.tolist() == [span.whole_years for span in read]
    for number, span in enumerate(read):
        others = [i for i in range(len(read)) if i != number]
        inside = spans[np.full(len(others), number)].contains(spans[others])
        assert inside.tolist() == [span.contains(read[i]) for i in others], span.code


def test_figures_and_places_have_keys(town):
    rows = [
        *(figure("x", year, "5") for year in ("2023", "2024")),
        *(part("x", "2024", "3", category) for category in "ab"),
        figure("y", "2024", "7"),
    ]
    data = town([indicator("x"), indicator("y")], rows)
    own = Keys(data.columns, data.indicators.index)
    every = np.arange(len(rows))
    figures = own.figure(every)
    assert figures[0] == figures[1]
    assert len(set(figures.tolist())) == 4
    assert own.figure(every, total=True)[:4].tolist() == [figures[0]] * 4
    assert own.figure(every[4:], indicator=np.array([0])).tolist() == [figures[0]]
    assert own.at_period(own.figure(every[4:], indicator=np.array([-1])), every[4:]).tolist() == [-1]
    assert len(set(own.at_period(figures, every).tolist())) == 5
    places = own.texts(own.place(every))
    columns = ["area", "period", "breakdown", "category"]
    pd.testing.assert_frame_equal(places, data.observations[columns])
    assert own.texts(own.place(every, total=True))["category"].eq("").all()


def test_rows_are_found_by_their_keys_in_order():
    lookup = Lookup(np.array([7, 5, 7, -1]), np.array([0, 1, 2, 3]))
    wanted, rows = lookup.pairs(np.array([9, 7, -1, 5]))
    assert wanted.tolist() == [1, 1, 3]
    assert rows.tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("costs", "expected"),
    [(([3, 1, 2, 5],), [1, 3]), (([1, 1, 1, 5], [2, 3, 1, 0]), [2, 3]), (([1, 1, 1, 5],), [0, 3])],
)
def test_the_cheapest_of_each_group_and_of_several_the_first(costs, expected):
    assert best_of(np.array([4, 4, 4, 9]), *map(np.array, costs)).tolist() == expected


def test_lists_are_cut_joined_and_gathered():
    own = Lists.joined([Lists.of(np.array([0, 1]), np.array([2, 3])), Lists(np.array([4]), np.array([1]))])
    assert own.gathered(np.arange(10)).tolist() == [(0, 2), (1, 3), (4,)]
    assert own[[2, 0]].gathered(np.arange(10), list).tolist() == [[4], [0, 2]]
    assert own.column(-1).tolist() == [2, 3, 4]
    assert own.with_first(np.array([9, 8, 7])).gathered(np.arange(10)).tolist() == [(9, 0, 2), (8, 1, 3), (7, 4)]
    assert own.with_last(np.array([9, 8, 7])).column(-1).tolist() == [9, 8, 7]
    assert own.without_first().sizes.tolist() == [1, 1, 0]
    assert own.without_last().gathered(np.arange(10)).tolist() == [(0,), (1,), ()]
    assert Lists(np.array([-1, 3, 4]), np.array([1, 2])).known().gathered(np.arange(9)).tolist() == [(), (3, 4)]


def test_of_equal_values_in_a_list_the_first_stays():
    own = Lists(np.array([0, 1, 2, 0, 3]), np.array([3, 2]))
    values = np.array([5, 6, 5, 7])
    assert own.once(values).gathered(values).tolist() == [(5, 6), (5, 7)]


def test_the_search_for_garbage_goes_on_afterwards_also_after_an_error():
    during = []
    with pytest.raises(ZeroDivisionError), keys.without_search_for_garbage():
        during.append(gc.isenabled() or 1 / 0)
    assert during == []
    assert gc.isenabled()
    gc.disable()
    try:
        with keys.without_search_for_garbage():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_column_can_be_made_of_codes_and_values():
    assert Distinct(np.array([1, 0]), ["a", "b"]).texts().tolist() == ["b", "a"]
