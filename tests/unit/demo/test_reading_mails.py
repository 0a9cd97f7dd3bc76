"""Simulated raters read the mails that the notifier really writes."""

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notifier.domain import letter as letters
from notifier.writing import Sender, Writer
from shared.demo import mails

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ROLES = {"id": "Peran Anda: pejabat penilai", "en": "Your role: supervisor"}


def mail(language: str, links: list[dict[str, Any]]) -> bytes:
    content = {"to": "dewi@example.com", "name": "Dewi Hasibuan", "language": language, "links": links}
    content["list"] = {"link": "http://127.0.0.1:8000/s#l.list_secret-1.signature", "code": "ABCD-EFGH-IJKL"}
    request = letters.Request("invitation", "Survei", "Surat 800/1", "Subbagian Umum", NOW, NOW, "Asia/Jakarta")
    read = letters.read(content, [link["invitation"] for link in links])
    return Writer(Sender("Cermin <cermin@example.com>", "BKD")).write("1", read, request, NOW)


def link(name: str, relation: str, post: str = "Penata Layanan") -> dict[str, Any]:
    return {
        "invitation": str(uuid.uuid4()),
        "ratee": name,
        "post": post,
        "relation": relation,
        "sole": relation == "supervisor",
        "link": f"http://127.0.0.1:8000/s#{name.split()[0]}_secret-1.signature",
        "code": "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4",
    }


@pytest.mark.parametrize("language", ["id", "en"])
def test_everybody_who_is_asked_about_is_found(language: str) -> None:
    links = [link("Agus Halim", "supervisor"), link("Siti Lubis", "peer"), link("Dewi Hasibuan", "self")]
    found = list(mails.asked(mail(language, links)))
    assert [(one.rater, one.ratee) for one in found] == [("dewi@example.com", one["ratee"]) for one in links]
    assert [(one.link, one.code) for one in found] == [(one["link"], one["code"]) for one in links]
    assert [one.supervising for one in found] == [True, False, False]
    assert found[0].about == ("Penata Layanan", ROLES[language])


def test_a_folder_is_read_mail_by_mail(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    for at, name in enumerate(("Agus Halim", "Siti Lubis")):
        (tmp_path / "new" / f"{at}.mail").write_bytes(mail("id", [link(name, "peer")]))
    assert [one.ratee for one in mails.read(tmp_path)] == ["Agus Halim", "Siti Lubis"]


def test_other_mails_ask_for_nothing() -> None:
    assert list(mails.asked(b"From: a@example.com\nTo: b@example.com\n\nSee http://example.com/s#1.2\n")) == []
