"""No text of the rater's pages is missing, left over or different in its places between the languages."""

import re
import string
from pathlib import Path

import survey_service.respond
from survey_service.domain.answers import STANDINGS
from survey_service.respond.texts import read
from survey_service.usecases.answering import DECLINE_REASONS, RELATION_REASONS

FOLDER = Path(survey_service.respond.__file__).parent
SOURCES = "".join(path.read_text() for path in (*FOLDER.rglob("*.html"), *FOLDER.glob("*.py")))
PARTS = ("title", "text", "legend", "missing", "send", "seen")
RELATIONS = ("supervisor", "peer", "subordinate", "self")
BUILT = {
    *(f"rater.landing.{part}.{relation}" for part in ("title", "role", "decline") for relation in RELATIONS),
    *(f"rater.dead.{code}.{part}" for code in (*STANDINGS, "unknown_link", "expired", "bad_ballot", "key_missing",
      "no_receipts")
      for part in ("title", "text", "next") if code != "open"),
    *(f"rater.decline.{part}" for part in (*DECLINE_REASONS, *PARTS)),
    *(f"rater.relation.{part}" for part in (*RELATION_REASONS, *PARTS)),
    *(f"rater.kept.{who}{part}" for who in ("ratee", "supervisor", "office", "operator")
      for part in ("", ".sees", ".not")),
    *(f"rater.receipts.{one}" for one in ("malformed", "loading", "absent", "inside", "adding", "root", "otherroot",
      "noroot", "offline")),
    *(f"rater.done.left.{more}" for more in ("one", "many")),
    *(f"rater.kept.stored.{n}" for n in range(1, 6)),
    *(f"rater.kept.not.{n}" for n in range(1, 7)),
    *(f"rater.kept.beside.{n}" for n in range(1, 6)),
    *(f"rater.kept.tables.{service}" for service in ("survey", "scoring", "notifier")),
}  # fmt: skip


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_that_is_used_exists_and_none_is_left_over():
    used = set(re.findall(r"""["'](rater\.[a-z0-9_.]*[a-z0-9_])["']""", SOURCES)) | BUILT
    assert read().keys() ^ used == set()


def test_both_languages_have_words_and_the_same_places():
    for key, (indonesian, english) in read().items():
        assert indonesian.strip(), key
        assert english.strip(), key
        assert places(indonesian) == places(english), key


def test_the_promises_are_the_words_that_were_agreed():
    texts = {key: pair[0] for key, pair in read().items()}
    assert texts["rater.promise.1"].startswith(
        "Jawaban Anda rahasia. Atasan, rekan, dan pegawai yang Anda beri umpan"
    )
    assert texts["rater.promise.3"] == (
        "Anda satu-satunya pejabat penilai bagi pegawai ini, sehingga penilaian Anda dapat dikenali atau dihitung "
        "dari hasil akhir."
    )
    for relation in ("peer", "subordinate"):
        assert "nilai" not in texts[f"rater.landing.title.{relation}"] + texts[f"rater.landing.decline.{relation}"]
