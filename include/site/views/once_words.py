"""Words of the once-only pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from include.site.words import Say
from mappings.requirements import Component, NoMatch, catalogue

PROVIDED = {
    "new": ("nộp mới", "handed in"),
    "reused": ("tái sử dụng", "reused"),
    "unsaid": ("không nói", "not said"),
}


def what(say: Say, items: Sequence[str]) -> str:
    """The items of a list in words."""
    return " + ".join(_item(say, item) for item in items)


def _item(say: Say, item: str) -> str:
    kind, _, name = item.partition(":")
    if kind == "fact":
        fact = catalogue().facts.get(name)
        return say(fact.vi, fact.en) if fact else name
    return say(f"giấy tờ {name}", f"paper {name}")


def ways(say: Say, component: Component) -> str:
    """Everything that satisfies a component; why nothing does."""
    if not component.any:
        return component.why
    return say("; hoặc ", "; or ").join(what(say, way) for way in component.any)


@dataclass(frozen=True, slots=True)
class NoMatchWords:
    """What follows when nothing satisfies."""

    say: Say

    def told(self, component: Component) -> str:
        """In words, with the condition."""
        if component.none is NoMatch.CONFIRM:
            return self.say("biểu mẫu điền sẵn, người dân xác nhận", "the form comes filled in, the person confirms")
        if component.none is NoMatch.CONDITIONAL:
            return self.say(f"nộp, nếu {component.when}", f"handed in, if: {component.when}")
        return self.say("người dân nộp", "handed in")
