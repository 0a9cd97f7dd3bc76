"""Words of the console, by page."""

from shared.web.texts import Texts
from survey_service.console.texts import (
    accounts,
    audit,
    data,
    drafts,
    editor,
    people,
    raters,
    rounds,
    sign_in,
    tasks,
)

TEXTS: Texts = {
    key: words
    for page in (accounts, audit, data, drafts, editor, people, raters, rounds, sign_in, tasks)
    for key, words in page.TEXTS.items()
}
