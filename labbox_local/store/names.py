"""Names and tags that people give to recordings and sortings."""

from __future__ import annotations

from collections.abc import Iterable

from labbox_local.errors import Invalid

LONGEST = 200


def checked_name(name: str) -> str:
    """The name on one line, without blanks around it, or Invalid."""
    text = " ".join(name.split())
    if not text:
        raise Invalid({"name": "A name is needed."})
    if len(text) > LONGEST:
        raise Invalid({"name": f"May have at most {LONGEST} characters; this has {len(text)}."})
    return text


def checked_tags(tags: Iterable[str]) -> list[str]:
    """The tags without blanks around them, each once, in the order given, or Invalid."""
    words = [" ".join(tag.split()) for tag in tags]
    if long := [word for word in words if len(word) > LONGEST]:
        raise Invalid({"tags": f"A tag may have at most {LONGEST} characters; one has {len(long[0])}."})
    return list(dict.fromkeys(word for word in words if word))
