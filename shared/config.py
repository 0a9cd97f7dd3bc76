"""Settings: the environment read once, checked completely, frozen.

There is no mode flag. URLs decide: with none given everything lives under ``CERMIN_DATA_DIR`` on SQLite; naming
a server (``postgresql://``, ``amqp://``) also requires explicit secrets, because machines must agree on them.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields, validate

PREFIX = "CERMIN_"
SERVICES = ("survey", "scoring", "notifier")
LANGUAGES = ("id", "en")
USUAL_CONTACT = {"id": "petugas kepegawaian di unit kerja Anda", "en": "the personnel office of your unit"}
"""Whom to ask where nobody was named, in words of each language."""


def contact_in(language: str, contact: str) -> str:
    """Whom to ask, as it was written; where nobody was named, in words of this language."""
    return USUAL_CONTACT[language] if contact in USUAL_CONTACT.values() else contact


class BadSettings(Exception):
    """The environment does not make a working configuration; ``problems`` lists every fault at once."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        lines = "\n".join(f"  {name}: {problem}" for name, problem in self.problems.items())
        super().__init__(f"{len(self.problems)} setting(s) to mend before Cermin can start:\n{lines}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; in the environment a field is its name in capitals after ``CERMIN_``."""

    data_dir: Path
    survey_database_url: str
    scoring_database_url: str
    notifier_database_url: str
    broker_url: str
    """``sqlite:///path`` for the local broker, ``amqp://user:password@host:port/vhost`` for RabbitMQ."""
    mail_url: str
    """``maildir:path`` or ``smtp://user:password@host:port`` (``smtps://`` for TLS from the first byte;
    ``smtp://`` upgrades with STARTTLS when offered, ``?starttls=required`` insists, ``?starttls=never`` not;
    a password is sent over TLS only, unless ``never`` is said; ``?connections=4`` (1 to 20,
    default 2) talks over as many at once)."""
    keystore_url: str
    """``dir:path``: private keys live here, outside every database and every backup of one."""
    public_url: str
    """What raters see in their links; the host never comes from a request."""
    event_secrets: tuple[str, ...]
    """Shared by the three services: signs private events. Newest first; older ones are still accepted."""
    service_secrets: tuple[str, ...]
    """Of this deployment's web services: signs links and sessions. Newest first."""
    agency: str
    contact: str
    """Whom a rater may ask: shown in mails and on dead-end pages."""
    language: str
    timezone: ZoneInfo
    mail_from: str
    mails_per_minute: int
    """Of one notifier process, all its connections together; several replicas share a limit by dividing it."""
    mails_per_minute_per_domain: int
    """The same, for each domain of an address by itself."""
    host: str
    port: int
    """0 to 65535; 0 takes a free one."""
    log_level: str
    trusted_proxies: int
    """How many reverse proxies stand in front (their X-Forwarded-* headers are believed), 0 for none."""

    def database_url(self, service: str) -> str:
        """The database of one of the three services."""
        return str(getattr(self, f"{service}_database_url"))

    @property
    def separated(self) -> bool:
        """Whether any server is named; otherwise one operator holds everything on one disk."""
        return any(_is_server(url) for url in (self.broker_url, *(self.database_url(name) for name in SERVICES)))


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read ``CERMIN_*`` from ``environ`` (default: the process environment).

    Raises ``BadSettings`` naming every fault, also a variable that does not exist. For the embedded product the
    secrets are made on first use and kept in ``CERMIN_DATA_DIR/secrets.json`` (mode 0600).
    """
    source = os.environ if environ is None else environ
    given = {name.removeprefix(PREFIX).lower(): value for name, value in source.items() if name.startswith(PREFIX)}
    try:
        values: dict[str, Any] = _Environment().load(given)
        problems: dict[str, Any] = {}
    except ValidationError as error:
        values = dict(error.valid_data or {})
        problems = dict(error.messages_dict)
    values = _defaults(Path(given.get("data_dir", "var")).expanduser(), values.get("port", 0)) | values
    problems |= _missing_secrets(values, problems)
    if problems:
        raise BadSettings({f"{PREFIX}{name.upper()}": _sentence(found) for name, found in problems.items()})
    values["public_url"] = values["public_url"].rstrip("/")
    if not values["event_secrets"]:
        values |= _own_secrets(values["data_dir"])
    return Settings(**values)


class _SecretList(fields.Field[tuple[str, ...]]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        found = tuple(part.strip() for part in str(value).split(",") if part.strip())
        if any(len(secret) < 32 for secret in found):
            raise ValidationError("Each secret needs at least 32 characters; `cermin secret` prints one.")
        return found


class _Zone(fields.Field[ZoneInfo]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> ZoneInfo:
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValidationError("Use a name such as Asia/Jakarta, Asia/Makassar or Asia/Jayapura.") from error


class _Folder(fields.Field[Path]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Path:
        return Path(str(value)).expanduser()


def _url(pattern: str, advice: str) -> fields.String:
    return fields.String(validate=validate.Regexp(pattern, error=advice))


def _database() -> fields.String:
    return _url(r"^(sqlite:///.|postgresql://.)", "Use sqlite:///PATH or postgresql://user:password@host/name.")


def _web_address(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValidationError("Use https://host or http://host:port, without query and fragment.")


def _one_address(value: str) -> None:
    if "\n" in value or "\r" in value or "@" not in value:
        raise ValidationError("Use one address such as Cermin <cermin@example.go.id>.")


def _number(low: int, high: int, default: int) -> fields.Integer:
    return fields.Integer(load_default=default, validate=validate.Range(min=low, max=high))


class _Environment(Schema):
    data_dir = _Folder()
    survey_database_url = _database()
    scoring_database_url = _database()
    notifier_database_url = _database()
    broker_url = _url(r"^(sqlite:///.|amqps?://.)", "Use sqlite:///PATH or amqp://user:password@host/vhost.")
    mail_url = _url(r"^(maildir:.|smtps?://.)", "Use maildir:PATH or smtp://user:password@host:port.")
    keystore_url = _url(r"^dir:.", "Use dir:PATH.")
    public_url = fields.String(validate=_web_address)
    event_secrets = _SecretList(load_default=())
    service_secrets = _SecretList(load_default=())
    agency = fields.String(load_default="Badan Kepegawaian")
    contact = fields.String(load_default=USUAL_CONTACT["id"])
    language = fields.String(load_default="id", validate=validate.OneOf(LANGUAGES))
    timezone = _Zone(load_default=ZoneInfo("Asia/Jakarta"))
    mail_from = fields.String(load_default="Cermin <cermin@localhost>", validate=_one_address)
    mails_per_minute = _number(1, 1_000_000, 6000)
    mails_per_minute_per_domain = _number(1, 1_000_000, 6000)
    host = fields.String(load_default="127.0.0.1")
    port = _number(0, 65535, 8000)
    log_level = fields.String(load_default="INFO", validate=validate.OneOf(("DEBUG", "INFO", "WARNING", "ERROR")))
    trusted_proxies = _number(0, 5, 0)


def _defaults(home: Path, port: int) -> dict[str, Any]:
    return {
        "data_dir": home,
        "public_url": f"http://127.0.0.1:{port or 8000}",
        **{f"{name}_database_url": f"sqlite:///{home / name}.db" for name in SERVICES},
        "broker_url": f"sqlite:///{home / 'broker.db'}",
        "mail_url": f"maildir:{home / 'mail'}",
        "keystore_url": f"dir:{home / 'keys'}",
    }


def _missing_secrets(values: Mapping[str, Any], problems: Mapping[str, Any]) -> dict[str, str]:
    urls = [values["broker_url"], *(values[f"{name}_database_url"] for name in SERVICES)]
    names = [name for name in ("event_secrets", "service_secrets") if not values.get(name)]
    if any(_is_server(url) for url in urls):
        advice = "A server is named, so this must be set: `cermin secret` prints one."
    elif len(names) == 1:
        advice = "Set both secrets or neither: `cermin secret` prints one."
    else:
        return {}
    return {name: advice for name in names if name not in problems}


def _is_server(url: str) -> bool:
    return not url.startswith("sqlite:")


def _sentence(found: Any) -> str:
    return " ".join(str(line) for line in found) if isinstance(found, list) else str(found)


def _own_secrets(home: Path) -> dict[str, tuple[str, ...]]:
    """Secrets of the embedded product, made by whoever comes first: a complete file is linked, never replaced."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "secrets.json"
    if not path.exists():
        draft = home / f"secrets.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({name: [secrets.token_urlsafe(32)] for name in ("event", "service")}, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secrets count
        finally:
            draft.unlink()
    kept = json.loads(path.read_text())
    return {"event_secrets": tuple(kept["event"]), "service_secrets": tuple(kept["service"])}
