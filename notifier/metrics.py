"""What the notifier counts, for ``/metrics``: never whom a mail was for."""

from prometheus_client import Counter

OUTCOMES = Counter("cermin_mails", "Mails by how they ended.", ["outcome"])
"""``accepted``, ``permanent``, ``temporary`` or ``technical``; counted once a mail is done with."""

TRIES = Counter("cermin_mail_tries", "Talks with the mail server by how they ended.", ["result"])
"""``accepted``, ``refused``, ``deferred``, ``lost``, ``unreachable`` or ``misconfigured``."""
