from datetime import timedelta
from uuid import uuid4

import pytest

from shared.audit import broken_at
from shared.audit import entry as audit_entry
from shared.database import reading
from shared.errors import Refused
from survey_service.domain.raters import Group
from survey_service.usecases import questionnaires, rounds
from tests.integration.survey.conftest import Office


def test_a_draft_comes_back_as_it_was_given(office: Office) -> None:
    draft = office.draft(groups={"peer": Group(2, None, 9, 12), "self": Group(1, 1, 1)})
    round_id = office.do(rounds.create, draft, office.now, "hr")
    row = office.do(rounds.find, round_id)
    assert rounds.draft_of(row) == draft and (row.state, row.revision) == ("draft", 1)


def test_a_name_is_given_once(office: Office) -> None:
    office.create()
    other = office.create(name="Lain")
    with pytest.raises(Refused, match="round_name_taken"):
        office.create()
    with pytest.raises(Refused, match="round_name_taken"):
        office.do(rounds.edit, other, 1, {"name": "Semester II 2026"}, office.now, "hr")


def test_every_fault_is_reported_at_once(office: Office) -> None:
    draft = office.draft()
    with pytest.raises(Refused) as refused:
        office.create(
            name=" ",
            period_end=draft.period_start - timedelta(days=1),
            closes_at=draft.opens_at,
            timezone="Asia/Bandung",
            threshold=0,
            questionnaire_id=uuid4(),
            groups={"self": Group(1), "friend": Group(1), "peer": Group(5, 3)},
        )
    assert [one.where for one in refused.value.problems] == [
        "name",
        "period_end",
        "closes_at",
        "timezone",
        "threshold",
        "groups.friend",
        "groups.peer",
        "questionnaire_id",
    ]


def test_two_people_editing_one_draft_do_not_overwrite_each_other(office: Office) -> None:
    round_id = office.create()
    assert office.do(rounds.edit, round_id, 1, {"threshold": 5}, office.now, "ani") == 2
    with pytest.raises(Refused, match="round_changed"):
        office.do(rounds.edit, round_id, 1, {"threshold": 4}, office.now, "budi")
    assert office.do(rounds.find, round_id).threshold == 5


def test_a_clone_is_a_new_draft_with_its_own_seed_and_times(office: Office) -> None:
    round_id = office.open()
    draft = office.draft()
    changes = {"name": "Semester I 2027", "opens_at": draft.opens_at, "closes_at": draft.closes_at}
    copied = office.do(rounds.clone, round_id, changes, 99, office.now, "hr")
    row = office.do(rounds.find, copied)
    assert (row.name, row.state, row.seed, row.public_key) == ("Semester I 2027", "draft", 99, None)
    assert row.groups == office.do(rounds.find, round_id).groups


def test_unknown_rounds_are_missing(office: Office) -> None:
    for work in (rounds.find, lambda session, name: rounds.step(session, name, "closed")):
        with pytest.raises(Refused, match="round_unknown"):
            office.do(work, uuid4())


@pytest.mark.parametrize("state", ["open", "closed", "counted", "scored", "released", "final", "archived"])
def test_a_draft_jumps_over_no_state(office: Office, state: str) -> None:
    round_id = office.create()
    with pytest.raises(Refused, match=f"The round is draft; from there it cannot become {state}"):
        office.do(rounds.step, round_id, state)
    assert office.do(rounds.find, round_id).state == "draft"


def test_rounds_are_listed_by_name_in_pages(office: Office) -> None:
    for name in ("b", "c", "a"):
        office.create(name=name)
    first = office.do(rounds.listing, "", 2)
    assert [row.name for row in first] == ["a", "b"]
    assert [row.name for row in office.do(rounds.listing, "b", 2)] == ["c"]


def test_what_is_done_is_in_the_audit_trail(office: Office) -> None:
    round_id = office.open()
    actions = [row.action for row in office.ask(audit_entry.select().order_by(audit_entry.c.position))]
    assert actions == ["people.imported", "round.created", "round.launched", "round.opened"]
    with reading(office.engine) as session:
        assert broken_at(session) is None
    assert office.count(audit_entry, audit_entry.c.about == str(round_id)) == 3


def test_shipped_questionnaires_are_loaded_once(office: Office) -> None:
    assert office.do(questionnaires.load_shipped) == 0
    found = office.do(questionnaires.listing)
    assert [(row.code, row.version, row.locked) for row in found] == [("berakhlak", 1, False), ("pp30", 1, False)]
    berakhlak, pp30 = (row.body for row in found)
    assert [len(section["items"]) for section in berakhlak["sections"]] == [3] * 7
    assert [section["aspect"] for section in pp30["sections"] if section["leadership_only"]] == ["kepemimpinan"]


def test_a_version_is_never_replaced_by_other_content(office: Office) -> None:
    body = office.do(questionnaires.listing)[1].body
    body["sections"][0]["items"][0]["text"]["en"] = "Something else."
    with pytest.raises(Refused, match="questionnaire_differs"):
        office.do(questionnaires.add, body)
    assert office.do(questionnaires.add, {**body, "version": 2})[1] is True


def test_a_questionnaire_that_does_not_fit_is_refused_with_every_fault(office: Office) -> None:
    body = office.do(questionnaires.listing)[1].body
    bad = {**body, "code": "PP 30", "scale": body["scale"][:4], "sections": body["sections"] + body["sections"][:1]}
    with pytest.raises(Refused) as refused:
        office.do(questionnaires.add, {**bad, "points": 11})
    assert {"code", "points"} <= {one.where for one in refused.value.problems}
    with pytest.raises(Refused) as refused:
        office.do(questionnaires.add, {**bad, "code": "x"})
    assert [one.message for one in refused.value.problems] == ["Name the points 1 to 5 in order."]
    with pytest.raises(Refused) as refused:
        office.do(questionnaires.add, {**bad, "code": "x", "scale": body["scale"]})
    assert "orientasi_pelayanan" in refused.value.problems[0].message
