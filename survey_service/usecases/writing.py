"""Writing letters: who is asked about whom becomes links that exist only inside what is sealed."""

import json
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.sealing import Sealer, letter_info
from survey_service import tokens
from survey_service.domain.people import Person
from survey_service.usecases import opening

_WRITER = json.JSONEncoder(ensure_ascii=False, check_circular=False)


@dataclass(frozen=True, slots=True)
class Post:
    """What every letter of a round needs."""

    round_id: UUID
    sealer: Sealer
    fingerprint: str
    public_url: str
    secrets: Sequence[str]
    shared_addresses: frozenset[str]
    people: Mapping[str, Person]


def post_of(
    session: Session, round_id: UUID, people: Sequence[Person], public_url: str, service_secrets: Sequence[str]
) -> Post:
    """What letters of a round are written with now. Raises ``Refused`` without a key of the notifier."""
    key = opening.current_notifier_key(session)
    return Post(
        round_id,
        Sealer(key.public_key),
        key.fingerprint,
        public_url,
        service_secrets,
        shared_addresses(people),
        {one.number: one for one in people},
    )


def shared_addresses(people: Sequence[Person]) -> frozenset[str]:
    """Addresses that more than one person has, in small letters: nobody gets personal links there."""
    counts = Counter(one.email.lower() for one in people if one.email)
    return frozenset(address for address, count in counts.items() if count > 1)


def write_letter(
    post: Post, rater: Person, asked: Sequence[tuple[str, str]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The rows of a letter and its invitations. The links exist only inside what is sealed."""
    root = tokens.mint()
    letter_id, *identities = _new_ids(1 + len(asked))
    links, rows = [], []
    made = tokens.links(post.public_url, root, identities, post.secrets)
    for identity, (number, relation), (digest, link, code) in zip(identities, asked, made, strict=True):
        rows.append(_invitation(post, letter_id, identity, rater.number, number, relation, digest))
        links.append(_link(identity, post.people[number], relation, link, code))
    text: dict[str, Any] = {"to": rater.email or "", "name": rater.name, "unit": rater.unit}
    text |= {"language": rater.language, "links": links}
    several = len(links) > 1
    if several:
        address = tokens.list_link(post.public_url, root, post.secrets)
        text["list"] = {"link": address, "code": tokens.list_code(root)}
    reason = _paper_reason(post, rater)
    return {
        "id": letter_id,
        "round_id": post.round_id,
        "rater": rater.number,
        "unit": rater.unit,
        "state": "no_address" if reason else "waiting",
        "reason": reason,
        "sealed": post.sealer.seal(_WRITER.encode(text).encode(), letter_info(letter_id)),
        "fingerprint": post.fingerprint,
        "wanted": None if reason else "invitation",
        "token_digest": tokens.digest_of(tokens.list_token_of(root)) if several else None,
    }, rows


def _new_ids(count: int) -> Iterator[UUID]:
    """Random ids (version 4), all from one draw: nothing in them tells an order."""
    drawn = secrets.token_bytes(16 * count)
    return (UUID(bytes=drawn[at : at + 16], version=4) for at in range(0, len(drawn), 16))


def _invitation(
    post: Post, letter_id: UUID, identity: UUID, rater: str, ratee: str, relation: str, digest: bytes
) -> dict[str, Any]:
    return {
        "id": identity,
        "round_id": post.round_id,
        "ratee": ratee,
        "rater": rater,
        "relation": relation,
        "letter_id": letter_id,
        "token_digest": digest,
        "state": "pending",
    }


def _link(identity: UUID, ratee: Person, relation: str, link: str, code: str) -> dict[str, Any]:
    """What a letter says of one ratee."""
    return {
        "invitation": str(identity),
        "ratee": ratee.name,
        "post": ratee.post,
        "relation": relation,
        "sole": relation == "supervisor",
        "link": link,
        "code": code,
    }


def _paper_reason(post: Post, rater: Person) -> str | None:
    if not rater.email:
        return "no_address"
    return "shared_address" if rater.email.lower() in post.shared_addresses else None
