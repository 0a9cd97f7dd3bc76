"""``cermin up --sample``: a made-up office with an open round, for a person who wants to look around."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from shared.database import transaction
from shared.demo import journey, organisation, raters
from shared.demo.api import Api
from shared.demo.house import SURVEY_SCOPES
from shared.demo.journey import Place
from shared.errors import conflict
from shared.host import Host
from shared.web.access import create_client, revoke_client

CLIENT = "cermin up --sample"
SEED = 1


def fill(host: Host, say: Callable[[str], object]) -> None:
    """Import the office, launch a round and let part of the raters answer; the round stays open.

    The pages of ``host`` are being served under its public URL. Raises ``Refused`` when there are people already,
    and when mails do not go into a folder: nobody real may be written to.
    """
    scheme, _, folder = host.settings.mail_url.partition(":")
    if scheme != "maildir":
        raise conflict("sample_mails", "Sample data is only made while mails go into a folder (CERMIN_MAIL_URL).")
    url, survey = host.settings.public_url, host.services["survey"].engine
    with transaction(survey) as session:
        key = create_client(session, CLIENT, (*SURVEY_SCOPES, "people:read"), host.clock())
    try:
        _fill(Place(Api(url, key), Api(url, ""), Path(folder)), say)
    finally:
        with transaction(survey) as session:
            revoke_client(session, CLIENT)


def _fill(place: Place, say: Callable[[str], object]) -> None:
    if place.survey.get("/api/v1/people?limit=1")["items"]:
        raise conflict("sample_not_empty", "There are people here already; sample data needs an empty place.")
    imported = place.survey.post_csv("/api/v1/people/import", _office())
    say(f"{len(imported['new'])} made-up people imported")
    _, launched = journey.launch(place, SEED)
    asked = journey.mailed(place, launched["letters"] - launched["without_address"])
    done = raters.act(asked, SEED)
    say(f"round launched, {done['answered']} of {launched['invitations']} answered; the mails are in {place.mail}")


def _office() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        organisation.write_people(path, organisation.make(seed=SEED))
        return path.read_bytes()
