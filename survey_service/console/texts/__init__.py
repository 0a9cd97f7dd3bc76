"""Words of the console, by page."""

from shared.web.texts import Texts
from survey_service.console.texts import accounts, audit, drafts, people, rounds, sign_in

TEXTS: Texts = {**accounts.TEXTS, **sign_in.TEXTS, **rounds.TEXTS, **drafts.TEXTS, **people.TEXTS, **audit.TEXTS}
