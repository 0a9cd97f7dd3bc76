"""Words of the console, by page."""

from shared.web.texts import Texts
from survey_service.console.texts import accounts, audit, data, drafts, people, raters, rounds, sign_in

TEXTS: Texts = {
    key: words
    for page in (accounts, audit, data, drafts, people, raters, rounds, sign_in)
    for key, words in page.TEXTS.items()
}
