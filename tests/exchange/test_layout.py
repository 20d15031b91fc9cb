import pytest

from laichau_analysis.exchange.layout import ENTRIES, LABELS, SHEETS, code_in, depends_on, label, offer_of
from laichau_analysis.schema import OBSERVATIONS, TABLES
from laichau_analysis.words import Words

COLUMNS = [(sheet.name, column) for sheet in SHEETS for column in sheet.columns]
COLUMNS += [("town", entry) for entry in ENTRIES]


def test_every_table_has_its_sheet_with_all_columns():
    assert {sheet.table.name for sheet in SHEETS} == {*TABLES, OBSERVATIONS.name}
    for sheet in SHEETS:
        assert sorted(column.name for column in sheet.columns) == sorted(sheet.table.columns)


def test_every_code_of_the_contract_is_labelled():
    fields = {field.name: field for sheet in SHEETS for field in sheet.table.fields if field.enum}
    assert {name: set(field.enum) for name, field in fields.items()} == {
        name: set(codes) for name, codes in LABELS.items()
    }


@pytest.mark.parametrize("language", ["vi", "en"])
def test_labels_of_one_list_differ(language):
    for codes in LABELS.values():
        texts = [Words(language).text(text) for text in codes.values()]
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=lambda part: getattr(part, "name", part))
def test_help_fits_into_a_spreadsheets_message(sheet, column):
    assert len(Words("vi").text(column.head)) <= 32 or sheet == "town"
    assert len(Words("vi").text(column.help)) + len(column.help) + 1 <= 255


def test_what_a_cell_can_do_without_is_not_called_needed():
    (figures,) = [sheet for sheet in SHEETS if sheet.name == "figures"]
    needed = [column.name for column in figures.columns if column.required]
    assert needed == ["indicator", "period", "measure", "printed"]


def test_columns_are_chosen_from_what_the_schema_says():
    sheets = {sheet.name: sheet for sheet in SHEETS}
    asked = [("figures", "breakdown"), ("figures", "area"), ("indicators", "share_of"), ("areas", "area")]
    assert [offer_of(sheets[sheet], column) for sheet, column in asked] == ["breakdowns", "areas", "indicators", ""]
    assert depends_on(sheets["figures"], "locator") == "source"


def test_a_label_is_its_code_and_its_name():
    assert code_in(label("actual", "thực hiện — rồi")) == "actual"
