"""Links as people get them: this test plays the notifier, the only one who can read them."""

import json
from urllib.parse import urlsplit
from uuid import UUID

from flask.testing import FlaskClient

from scoring_service.tables import notice
from scoring_service.usecases import notices
from shared import sealing
from shared.database import transaction
from shared.events import NoticeRequested
from tests.integration.scoring_world import World


class Letterbox:
    """A notifier's key, and every link that was sealed to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._private = sealing.make_key()
        public = sealing.public_part(self._private)
        with transaction(world.engine) as session:
            notices.keep_key(session, public, sealing.fingerprint(public))

    def path(self, purpose: str, person: str, ratee: str | None = None, round_id: UUID | None = None) -> str:
        """Path of the newest link of this purpose for a person (of one round if given)."""
        self.world.work("send notices")
        found = {one.id: one for one in self.world.rows(notice)}
        opener, path = sealing.Opener(self._private), ""
        for said in self.world.said(NoticeRequested):
            one = found[said["notice_id"]]
            of_it = round_id in (None, one.round_id)
            if of_it and (one.purpose, one.person, one.ratee) == (purpose, person, ratee):
                plain = json.loads(opener.open(sealing.unb64(said["sealed"]), sealing.notice_info(one.id)))
                path = urlsplit(plain["link"]).path
        assert path, f"no link for {purpose} {person} {ratee}"
        return path


def press(client: FlaskClient, path: str) -> str:
    """Press the button of a landing page; returns the path of the page behind it."""
    answer = client.post(path)
    assert answer.status_code == 303, answer.text
    return urlsplit(answer.headers["Location"]).path
