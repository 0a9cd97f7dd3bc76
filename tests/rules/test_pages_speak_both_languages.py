"""Everything a page can say, it can say in Indonesian and in English: words of templates, refusals of use cases."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from scoring_service.console.audit_texts import TEXTS as AUDIT_TEXTS
from scoring_service.console.sentences import SENTENCES as RESULTS_SENTENCES
from scoring_service.console.texts import TEXTS as RESULTS_TEXTS
from scoring_service.console.workflow_texts import TEXTS as WORKFLOW_TEXTS
from scoring_service.reports.sentences import SENTENCES as WORKFLOW_SENTENCES
from scoring_service.reports.texts import TEXTS as REPORT_TEXTS
from shared.web import console, sentences, texts, trail
from survey_service.console.sentences import SENTENCES
from survey_service.console.texts import TEXTS

ROOT = Path(__file__).resolve().parents[2]
SHARED_WORDS = {**texts.TEXTS, **console.TEXTS, **trail.TEXTS}
WORDS = {**SHARED_WORDS, **AUDIT_TEXTS, **TEXTS, **RESULTS_TEXTS, **REPORT_TEXTS, **WORKFLOW_TEXTS}
KNOWN = {**sentences.SENTENCES, **SENTENCES, **RESULTS_SENTENCES, **WORKFLOW_SENTENCES}
REFUSING = {"invalid": 1, "conflict": 1, "missing": 1, "Refused": 2, "Problem": 1, "say": 0, "ValueError": 0}
"""What makes a refusal, and which of its arguments is for people."""

SHOWN = [
    *(ROOT / "survey_service" / "console").glob("*.py"),
    *(
        ROOT / "survey_service" / "usecases" / f"{name}.py"
        for name in (
            "accounts",
            "archiving",
            "staff",
            "closing",
            "launch",
            "letters",
            "mail_queue",
            "replacing",
            "questionnaire_versions",
            "questionnaires",
            "rounds",
            "tasks",
            "trial",
            "uploads",
        )
    ),
    *(ROOT / "survey_service" / "domain" / f"{name}.py" for name in ("messages", "rounds", "schedule")),
    *(
        ROOT / "scoring_service" / "usecases" / f"{name}.py"
        for name in (
            "assessments",
            "assessors",
            "deliveries",
            "doors",
            "finals",
            "objections",
            "receipts",
            "release",
            "results",
            "rules",
            "versions",
            "work_result_files",
            "work_results",
        )
    ),
]
"""Modules whose refusals a page of the console may show; the import of people speaks both languages itself."""


def refusals() -> Iterator[tuple[str, str]]:
    for path in SHOWN:
        tree = ast.parse(path.read_text())
        local = {
            node.targets[0].id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            sentence = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSING:
                place = REFUSING[node.func.id]
                sentence = node.args[place] if len(node.args) > place else None
            elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
                sentence = node.value.elts[1]
            if isinstance(sentence, ast.Name):
                sentence = local.get(sentence.id)
            if text := _pattern(sentence):
                yield f"{path.name}:{node.lineno}", text


def _pattern(node: ast.AST | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def test_every_refusal_has_indonesian_words() -> None:
    found = list(refusals())
    assert len(found) > 20, "the reader of refusals does not find them any more"
    lacking = [f"{place}: {text}" for place, text in found if text not in KNOWN]
    assert not lacking, "\n".join(lacking)


def test_a_translation_uses_the_values_that_there_are() -> None:
    for pattern in KNOWN:
        values = tuple(f"v{number}" for number in range(pattern.count("{}")))
        said = sentences.in_indonesian(pattern.format(*values), KNOWN)
        assert said != pattern.format(*values) or pattern == "final"
        assert all(value in said for value in values), pattern


def test_values_inside_a_sentence_are_translated_too() -> None:
    said = sentences.in_indonesian("The round is open; from there it cannot become preparing.", KNOWN)
    assert said == "Putaran ini berstatus dibuka; dari situ tidak dapat menjadi disiapkan."


def test_both_languages_say_it_with_the_same_values() -> None:
    for key, (indonesian, english) in WORDS.items():
        assert indonesian and english, key
        assert set(re.findall(r"{(\w+)}", indonesian)) == set(re.findall(r"{(\w+)}", english)), key


def _sources() -> Iterator[Path]:
    for place in ("survey_service/console", "scoring_service/console", "scoring_service/reports", "shared/web"):
        yield from (ROOT / place).rglob("*.html")
        yield from (ROOT / place).rglob("*.py")


def test_every_word_of_a_page_is_there_and_none_is_left_over() -> None:
    said, begun = set(), set()
    for path in _sources():
        source = path.read_text()
        said |= set(re.findall(r"""\bt\(["']([\w./-]+)["'][,)]""", source))
        said |= {key for pair in re.findall(r"""\bt\("([\w.]+)" if \w+ else "([\w.]+)\"""", source) for key in pair}
        begun |= set(re.findall(r"""\b(?:t|_words)\(f?["']([\w./-]+\.)(?:["'] ~|\{)""", source))
    assert not sorted(said - WORDS.keys() - {"key"}), "said, but no words"
    left = [key for key in WORDS if key not in said and not key.startswith(tuple(begun))]
    assert not left, "words that nothing says"


def test_every_act_in_the_audit_trail_has_words() -> None:
    acts = re.compile(r"""audit\.record(?:_once)?\([^)]*?["']([a-z_]+\.[a-z_]+)["']""")
    found = {
        (path.name, action)
        for service in ("survey_service", "scoring_service", "shared")
        for path in (ROOT / service).rglob("*.py")
        for action in acts.findall(path.read_text())
    }
    assert len(found) > 40, "the reader of acts does not find them any more"
    assert not {(name, action) for name, action in found if f"action.{action}" not in WORDS}
