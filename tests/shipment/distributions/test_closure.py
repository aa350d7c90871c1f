from __future__ import annotations

from collections.abc import Iterable

from packaging.markers import Marker
from packaging.requirements import Requirement

from pytest_importcontract.shipment.distributions.closure import Closure, Need, closure
from pytest_importcontract.shipment.distributions.declared import Declared
from pytest_importcontract.shipment.distributions.markers import holds, image_environment
from pytest_importcontract.shipment.image.model import Line

LINUX = image_environment((3, 12, 1), "x86_64")


class Written:
    """A graph written down: names, with an extra in brackets, and what they need."""

    def __init__(self, **edges: str) -> None:
        self.edges = edges

    def holds(self, marker: Marker | None) -> bool:
        return holds(marker, LINUX)

    def version(self, need: Need) -> str | None:
        return "1" if need.name in self.edges else None

    def needs(self, need: Need) -> Iterable[Need]:
        names = [need.name, *(f"{need.name}_{extra}" for extra in sorted(need.extras))]
        for name in names:
            for text in self.edges.get(name, "").split():
                requirement = Requirement(text)
                yield Need(requirement.name, frozenset(requirement.extras))


def close(roots: list[str], **edges: str) -> Closure:
    asked = [Declared(Requirement(text), Line("r.txt", i)) for i, text in enumerate(roots, 1)]
    return closure(asked, Written(**edges))


def told(found: Closure) -> list[str]:
    return [f"{' '.join(one.chain)}:{one.root.line.line}" for one in found.found.values()]


def test_the_shortest_chain_is_told() -> None:
    assert told(close(["a", "d"], a="b", b="c", c="e", d="e", e="")) == [
        "a:1",
        "d:2",
        "a b:1",
        "d e:2",
        "a b c:1",
    ]


def test_a_cycle_ends() -> None:
    assert told(close(["a"], a="b", b="c", c="a")) == ["a:1", "a b:1", "a b c:1"]
    assert told(close(["a"], a="a")) == ["a:1"]


def test_extras_asked_for_later_are_followed_too() -> None:
    found = close(["a", "b"], a="", a_x="c", b="a[x]", c="")
    assert told(found) == ["a:1", "b:2", "b a c:2"]
    assert found.extras == {"a": {"x"}, "b": frozenset(), "c": frozenset()}


def test_an_extra_that_names_its_own_distribution() -> None:
    found = close(["a[all]"], a="z", a_all="a[x,y]", a_x="b", a_y="a[all] c", b="", c="", z="")
    assert told(found) == ["a:1", "a z:1", "a b:1", "a c:1"]
    assert found.extras["a"] == {"all", "x", "y"}


def test_what_is_missing_has_its_chain() -> None:
    found = close(["a", "gone"], a="b", b="lost")
    assert told(found) == ["a:1", "a b:1"]
    missing = {name: " ".join(one.chain) for name, one in found.missing.items()}
    assert missing == {"gone": "gone", "lost": "a b lost"}


def test_a_root_whose_condition_does_not_hold_brings_nothing() -> None:
    asked = ["a ; sys_platform == 'win32'", "b ; sys_platform == 'linux'"]
    assert told(close(asked, a="", b="")) == ["b:2"]


def test_many_distributions_are_followed_without_recursion() -> None:
    count = 3000
    edges = {f"n{i}": f"n{i + 1}" for i in range(count)}
    assert len(close(["n0"], **edges, **{f"n{count}": ""}).found) == count + 1
