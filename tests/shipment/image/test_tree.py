from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_importcontract.shipment.image.model import Kind, Node
from pytest_importcontract.shipment.image.tree import Draft, FileTree, absolute, resolve

FOLDER, FILE = Node(Kind.FOLDER), Node(Kind.FILE)


def link(text: str) -> Node:
    return Node(Kind.LINK, link=text)


def draft(**nodes: Node) -> Draft:
    made = Draft()
    for path, node in nodes.items():
        made.put(path.replace("_", "/"), node)
    return made


def test_it_is_a_mapping_by_path() -> None:
    tree = draft(_b_y=FILE, _a=FILE, _b_x=FILE).snapshot()
    assert list(tree) == ["/a", "/b", "/b/x", "/b/y"]
    assert [node.kind for node in tree.values()] == ["file", "folder", "file", "file"]
    assert dict(tree.items()) == {path: tree[path] for path in tree}
    assert len(tree) == 4
    assert "/b" in tree
    assert "/c" not in tree
    assert "/" not in tree
    assert "/a/x" not in tree


def test_a_snapshot_does_not_change() -> None:
    made = draft(_a_x=FILE, _b=FILE)
    before = made.snapshot()
    made.put("/a/y", FILE)
    made.remove("/b")
    made.put("/a", FILE)
    assert list(before) == ["/a", "/a/x", "/b"]
    assert list(made) == ["/a"]


def test_a_draft_upon_another_leaves_that_alone() -> None:
    first = draft(_a_x=FILE)
    second = Draft(first)
    second.put("/a/y", FILE)
    assert list(first) == ["/a", "/a/x"]


def test_a_graft_and_its_origin_part_ways() -> None:
    first = draft(_a_x=FILE)
    origin = first.snapshot()
    second = Draft()
    second.graft("/m", origin.subtree("/a"), None)
    second.put("/m/y", FILE)
    second.remove("/m/x")
    assert list(second) == ["/m", "/m/y"]
    assert list(origin) == ["/a", "/a/x"]
    second.graft("/m", None, None)
    assert list(second) == []


def test_links_are_followed_inside() -> None:
    tree = draft(
        _real_x=FILE, _l=link("real"), _up=link("../../real"), _abs=link("/real/"), _d=link("gone")
    )
    for path in ("/l/x", "/up/x", "/abs/x", "/real/../l/./x", "/l/../real/x"):
        assert resolve(tree, path) == "/real/x"
    assert resolve(tree, "/l", last=False) == "/l"
    assert resolve(tree, "/d/x") == "/gone/x"
    assert resolve(tree, "/no/where/../x") == "/no/x"
    assert resolve(tree, "/../..") == "/"


def test_links_in_a_circle_end() -> None:
    tree = draft(_a=link("b"), _b=link("a"))
    assert resolve(tree, "/a/x") == "/a/x"


def test_absolute() -> None:
    assert absolute("x/../y", "/a") == "/a/y"
    assert absolute("//x//y/", "/a") == "/x/y"
    assert absolute("../../..", "/a") == "/"
    assert absolute("", "/a") == "/a"


paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda p: "/" + "/".join(p))
changes = st.tuples(st.sampled_from(("file", "folder", "remove", "snapshot")), paths)


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(st.lists(changes, max_size=25))
def test_it_does_what_a_plain_dictionary_would(steps: list[tuple[str, str]]) -> None:
    made = Draft()
    plain: dict[str, str] = {}
    kept: list[tuple[FileTree, dict[str, str]]] = []

    def clear(path: str) -> None:
        for each in [each for each in plain if each == path or each.startswith(f"{path}/")]:
            del plain[each]

    for what, path in steps:
        if what == "snapshot":
            kept.append((made.snapshot(), dict(plain)))
            continue
        if what == "remove":
            made.remove(path)
            clear(path)
            continue
        parts = path.split("/")
        for depth in range(2, len(parts)):
            above = "/".join(parts[:depth])
            if plain.get(above) != "folder":
                plain[above] = "folder"
        if what == "file" or plain.get(path) == "file":
            clear(path)
        plain[path] = what
        made.put(path, FILE if what == "file" else FOLDER)
    kept.append((made.snapshot(), plain))
    for tree, expected in kept:
        assert {path: str(node.kind) for path, node in tree.items()} == expected
        assert len(tree) == len(expected)
