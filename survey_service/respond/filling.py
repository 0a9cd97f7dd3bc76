"""Pages that differ in a few places only: rendered once, filled in for each request.

A value is escaped as the template would do it and put in by position, so nothing in it can become a place.
"""

import re
from collections.abc import Callable, Hashable, Mapping

from flask import current_app
from markupsafe import escape

from shared.web.language import language

MOST = 100
"""Pages kept in memory, at some 50 kB each; a round has about a dozen."""
_PLACE = re.compile("\ue000([a-z_]+)\ue001")


def filled(kind: Hashable, values: Mapping[str, str], render: Callable[[Mapping[str, str]], str]) -> str:
    """The page of this ``kind`` in the language of the request with ``values`` in their places.

    ``render`` gets a mark for each value and is called when there is no such page yet: whatever else it depends on
    belongs to ``kind``. Raises ``ValueError`` when a mark was cut or changed: give the part as a value of its own.
    """
    kept: dict[Hashable, list[str]] = current_app.extensions.setdefault("cermin_filled", {})
    name = (language(), kind)
    parts = kept.get(name)
    if parts is None:
        parts = _PLACE.split(render({value: f"\ue000{value}\ue001" for value in values}))
        if any(sign in text for text in parts[::2] for sign in "\ue000\ue001"):
            raise ValueError("a template does something with a value that is filled in later")
        if len(kept) >= MOST:
            kept.clear()
        kept[name] = parts
    texts = {value: escape(text) for value, text in values.items()}
    return "".join(texts[part] if at % 2 else part for at, part in enumerate(parts))
