"""Own versions of questionnaires: made, edited, locked by use, never overwritten unseen."""

import html
import re
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shared.database import reading, transaction
from shared.service import Context
from survey_service.tables import questionnaire
from survey_service.usecases import questionnaires
from tests.integration.console.conftest import round_row, send, token_of, work

LIST = "/console/questionnaires"


def typed(page: str) -> dict[str, str]:
    """What a browser would send of the editor."""
    inputs = re.findall(r'<input[^>]* name="([\w]+)"[^>]*? value="([^"]*)"', page)
    areas = re.findall(r'<textarea id="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return {name: html.unescape(value) for name, value in [*inputs, *areas]}


@pytest.fixture
def version(hr: FlaskClient, organised: Context) -> str:
    """The address of a fresh version of the first questionnaire."""
    with reading(organised.engine) as session:
        shipped = questionnaires.listing(session)[0]
    made = send(hr, f"{LIST}/{shipped.id}/versions", f"{LIST}/{shipped.id}")
    assert made.status_code == 303 and made.location.endswith("/edit")
    return str(made.location)


def stored(context: Context, address: str) -> sa.Row:
    with reading(context.engine) as session:
        return questionnaires.find(session, UUID(address.split("/")[3]))


def test_a_new_version_has_the_words_of_the_old_and_leaves_it_alone(
    hr: FlaskClient, organised: Context, version: str
) -> None:
    row = stored(organised, version)
    assert (row.version, row.locked) == (101, False)
    with reading(organised.engine) as session:
        [old] = [one for one in questionnaires.listing(session) if one.code == row.code and one.version == 1]
    assert {**row.body, "version": 1} == old.body
    assert send(hr, version.replace("/edit", "/versions"), version).status_code == 303
    with transaction(organised.engine) as session:
        assert questionnaires.load_shipped(session) == 0, "an upgrade never meets a version of ours"
        assert len(questionnaires.listing(session)) == 4


def test_words_are_kept_and_shown_as_a_rater_reads_them(hr: FlaskClient, organised: Context, version: str) -> None:
    given = typed(hr.get(version).text)
    given |= {"sections_0_items_0_text_id": "Melayani <dengan> hati", "scale_1_en": "Not at all", "act": "finish"}
    answer = hr.post(version, data=given)
    assert answer.status_code == 303, answer.text
    row = stored(organised, version)
    assert row.body["scale"][0]["label"]["en"] == "Not at all"
    assert row.digest == questionnaires.digest(row.body)
    assert "Melayani &lt;dengan&gt; hati" in hr.get(answer.location).text
    page = hr.get("/console/audit?action=questionnaire.edited").text
    assert f"{row.code} 101" in page


def test_statements_are_added_moved_and_dropped_without_losing_what_was_typed(
    hr: FlaskClient, organised: Context, version: str
) -> None:
    before = stored(organised, version)
    first = before.body["sections"][1]["items"]
    given = typed(hr.get(version).text) | {"title_en": "Typed but not kept"}
    page = hr.post(version, data=given | {"act": "add-1"}).text
    given = typed(page)
    assert given["title_en"] == "Typed but not kept"
    place = len(first)
    assert given[f"sections_1_items_{place}_text_id"] == ""
    assert stored(organised, version) == before, "only saving keeps"
    given |= {f"sections_1_items_{place}_text_{language}": f"Baru {language}" for language in ("id", "en")}
    given = typed(hr.post(version, data=given | {"act": f"up-1-{place}"}).text)
    given = typed(hr.post(version, data=given | {"act": "drop-1-0"}).text)
    assert hr.post(version, data=given | {"act": "finish"}).status_code == 303
    items = stored(organised, version).body["sections"][1]["items"]
    texts = [item["text"]["id"] for item in items]
    expected = [item["text"]["id"] for item in first]
    expected.insert(place - 1, "Baru id")
    assert texts == expected[1:]
    assert len({item["code"] for item in items}) == len(items)


def test_an_unfinished_version_is_kept_half_written_and_no_round_can_take_it(
    hr: FlaskClient, organised: Context, draft: UUID, version: str
) -> None:
    form, step = stored(organised, version), f"/console/rounds/{draft}/steps/form"
    page = hr.get(step).text
    assert f'<option value="{form.id}"' not in page
    assert "Belum dapat dipilih" in page and "belum disimpan sebagai selesai" in page
    given = typed(hr.get(version).text) | {"act": "later", "sections_0_items_0_text_en": "", "title_id": " "}
    assert hr.post(version, data=given).status_code == 303
    assert stored(organised, version).body["sections"][0]["items"][0]["text"]["en"] == ""
    assert "masih ada 2 isian kosong" in hr.get(step).text
    assert "masih ada 2 isian kosong" in hr.get(f"{LIST}/{form.id}").text
    assert hr.get(LIST).status_code == hr.get(f"{LIST}/{form.id}/preview").status_code == 200
    page = hr.get(f"{LIST}/{form.id}/screens/en").text
    assert page.count("<fieldset") == len([1 for part in form.body["sections"] for _ in part["items"]])
    taken = {"questionnaire_id": str(form.id), "policy": "pp30-360", "revision": "1"}
    answer = send(hr, step, **taken)
    assert answer.status_code == 422 and "masih ditulis" in answer.text
    answer = hr.post(version, data=typed(hr.get(version).text) | {"act": "finish"})
    assert answer.status_code == 422 and 'id="title_id-fault"' in answer.text
    full = typed(hr.get(version).text) | {"title_id": "Milik kami", "sections_0_items_0_text_en": "Serves"}
    assert hr.post(version, data=full | {"act": "finish"}).status_code == 303
    assert f'<option value="{form.id}"' in hr.get(step).text
    assert send(hr, step, **taken).status_code == 303
    assert "dinyatakan selesai" in hr.get("/console/audit").text


def test_a_round_is_not_launched_with_what_somebody_is_writing_again(
    hr: FlaskClient, organised: Context, draft: UUID, version: str
) -> None:
    assert hr.post(version, data=typed(hr.get(version).text) | {"act": "finish"}).status_code == 303
    form, step = stored(organised, version), f"/console/rounds/{draft}/steps/form"
    send(hr, step, questionnaire_id=str(form.id), policy="pp30-360", revision="1")
    assert hr.post(version, data=typed(hr.get(version).text) | {"act": "later"}).status_code == 303
    assert f'value="{form.id}" selected' not in hr.get(step).text
    send(hr, f"/console/rounds/{draft}/launch", f"/console/rounds/{draft}", sure="yes")
    work(organised)
    assert round_row(organised.engine, draft).state == "draft"
    assert not stored(organised, version).locked


def test_every_fault_stands_beside_its_field_and_nothing_is_kept(
    hr: FlaskClient, organised: Context, version: str
) -> None:
    before = stored(organised, version)
    given = typed(hr.get(version).text) | {"act": "finish"}
    given |= {"title_id": " ", "sections_0_items_0_text_en": "x" * 1001, "scale_2_id": "Kadang"}
    answer = hr.post(version, data=given)
    assert answer.status_code == 422
    for field in ("title_id", "sections_0_items_0_text_en"):
        assert f'id="{field}-fault"' in answer.text and f'href="#{field}"' in answer.text
    assert typed(answer.text)["scale_2_id"] == "Kadang"
    assert stored(organised, version) == before


def test_two_editors_do_not_overwrite_each_other(
    hr: FlaskClient, signed_in, organised: Context, version: str
) -> None:
    other = signed_in("hr")
    mine, theirs = typed(hr.get(version).text), typed(other.get(version).text)
    assert other.post(version, data=theirs | {"title_en": "Theirs", "act": "finish"}).status_code == 303
    answer = hr.post(version, data=mine | {"title_en": "Mine", "act": "finish"})
    assert answer.status_code == 409 and "Orang lain sudah mengubah" in answer.text
    assert typed(answer.text)["title_en"] == "Mine"
    assert stored(organised, version).body["title"]["en"] == "Theirs"
    again = hr.post(version, data=typed(answer.text) | {"act": "finish"})
    assert again.status_code == 409, "sending it again does not help either"


def test_what_is_in_use_or_comes_with_the_product_is_not_edited(
    hr: FlaskClient, organised: Context, version: str
) -> None:
    given = typed(hr.get(version).text) | {"title_en": "Late", "act": "finish"}
    with transaction(organised.engine) as session:
        session.execute(sa.update(questionnaire).values(locked=True))
    assert hr.get(version).status_code == 303
    answer = hr.post(version, data=given)
    assert answer.status_code == 409 and "dipakai sebuah putaran" in answer.text
    with transaction(organised.engine) as session:
        session.execute(sa.update(questionnaire).values(locked=False))
        shipped = next(one for one in questionnaires.listing(session) if one.version == 1)
    address = f"{LIST}/{shipped.id}/edit"
    assert hr.get(address).status_code == 303
    given |= {"seen": shipped.digest, "csrf_token": token_of(hr.get(f"{LIST}/{shipped.id}").text)}
    assert hr.post(address, data=given).status_code == 409


@pytest.mark.parametrize("act", ["add-99", "drop-0-99", "up-0-0", "add", "add-x", "drop-0--1", "", "nonsense-1-1"])
def test_a_button_that_is_none_changes_nothing(hr: FlaskClient, organised: Context, version: str, act: str) -> None:
    before = stored(organised, version)
    given = typed(hr.get(version).text)
    page = hr.post(version, data=given | {"act": act})
    token = {"csrf_token": given["csrf_token"]}  # signed with the second in which it was made
    assert page.status_code == 200 and typed(page.text) | token == given
    assert stored(organised, version) == before


def test_the_list_of_behaviours_cannot_be_shortened_by_hand(
    hr: FlaskClient, organised: Context, version: str
) -> None:
    given = typed(hr.get(version).text) | {"act": "finish"}
    given = {name: value for name, value in given.items() if not name.startswith("sections_0_items")}
    assert hr.post(version, data=given).status_code == 422
