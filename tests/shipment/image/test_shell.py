"""What a shell runs, compared with shells where that can be asked."""

import random
import shutil
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_importcontract.shipment.image.shell import Redirect, commands


def run(text, env=None, **named):
    return commands(text, env or {}, **named)


def argvs(text, env=None, **named):
    return [each.argv for each in run(text, env, **named)]


def sure(text, env=None, **named):
    return {each.argv[0]: each.sure for each in run(text, env, **named)}


def test_connectors_and_what_surely_runs():
    found = run("a && b || c; d | e & f")
    assert [(each.argv[0], each.connector, each.sure, each.background) for each in found] == [
        ("a", "", True, False),
        ("b", "&&", True, False),
        ("c", "||", False, False),
        ("d", ";", True, True),
        ("e", "|", True, True),
        ("f", "&", True, False),
    ]


def test_what_follows_an_alternative_is_sure_again():
    assert sure("a || true && b; c") == {"a": True, "b": True, "c": True}
    assert sure("a || exit 1; b") == {"a": True, "b": True}
    assert sure("a || exit 0; b") == {"a": True, "b": False}


def test_after_a_question_nothing_is_sure():
    assert sure("[ -f x ] && a; b") == {"a": False, "b": True}
    assert sure("grep -q x y && a; b") == {"grep": True, "a": False, "b": True}
    assert sure("! a && b") == {"a": True, "b": False}


def test_known_texts_decide_a_condition():
    text = 'if [ "$DEV" = 1 ]; then a; elif [ -n "$X" ]; then b; else c; fi'
    assert sure(text, {"DEV": "1", "X": ""}) == {"a": True}
    assert sure(text, {"DEV": "0", "X": "x"}) == {"b": True}
    assert sure(text, {"DEV": "0", "X": ""}) == {"c": True}
    assert sure(text, {"X": ""}) == {"a": False, "c": False}
    assert sure(text) == {"a": False, "b": False, "c": False}


def test_double_brackets_compare_patterns():
    bash = ("/bin/bash", "-c")
    assert sure('[[ "$A" == x ]] && a', {"A": "x"}, shell=bash) == {"a": True}
    assert sure('[[ "$A" == x* ]] && a', {"A": "xy"}, shell=bash) == {"a": False}
    assert sure("[[ -n $A && -n $B ]] && a", {"A": "x", "B": ""}, shell=bash) == {"a": False}
    assert sure("[[ $A =~ ^x ]] && a", {"A": "x"}, shell=bash) == {"a": False}


def test_words_are_split_and_quoted_as_a_shell_does():
    env = {"P": "one two", "E": ""}
    assert argvs('x $P "$P" \'$P\' $E "$E" a"$P"b a${P}b', env) == [
        ("x", "one", "two", "one two", "$P", "", "aone twob", "aone", "twob")
    ]
    assert argvs("x ${P:-d} ${N:-d e} ${E:-d} ${E-d} ${P:+s} ${N:+s}", env) == [
        ("x", "one", "two", "d", "e", "d", "s")
    ]
    assert argvs("x ${F%.*} ${F%%.*} ${F#*/} ${F##*/} ${#F}", {"F": "a/b/c.d.e"}) == [
        ("x", "a/b/c.d", "a/b/c", "b/c.d.e", "c.d.e", "9")
    ]


def test_what_is_unknown_stays_as_written():
    (found,) = run('x $A "${B}" ${C?} $?')
    assert found.argv == ("x", "$A", "${B}", "${C?}", "$?")
    assert found.unknown == ("A", "B", "C", "?")
    assert not found.unread


def test_a_variable_of_a_branch_is_unknown_after_it():
    (found,) = run('if [ -f x ]; then A=1; fi; x "${A:-d}"')
    assert (found.argv, found.unknown) == (("x", "${A:-d}"), ("A",))


def test_variables_exports_and_folders():
    a, b, c, d = run(
        'A=1; export B="$A"2; X=y a; (cd s && b); cd /t/../u && c; cd "$N"; d', cwd="/w"
    )
    assert (dict(a.env), dict(a.assignments), a.cwd) == ({"B": "12", "X": "y"}, {"X": "y"}, "/w")
    assert (b.cwd, c.cwd, d.cwd) == ("/w/s", "/u", None)


def test_comments_and_continued_lines():
    assert argvs("a \\\n  b # c\n# d; e\nf#g '#'") == [("a", "b"), ("f#g", "#")]


def test_redirections():
    (found,) = run('x > "$O" 2>&1 < in >> log <<< "s $O"', {"O": "o p"}, shell=("bash", "-c"))
    assert found.argv == ("x",)
    assert found.redirects == (
        Redirect(">", "1", "o p"),
        Redirect(">&", "2", "1"),
        Redirect("<", "0", "in"),
        Redirect(">>", "1", "log"),
        Redirect("<<<", "0", "s o p"),
    )


def test_here_documents():
    text = "cat > f <<A; cat <<-'B'\n$X \"q\" \\$Y\nA\n\t$X\n\tB\nlast"
    first, second, last = run(text, {"X": "x"})
    assert first.redirects[1] == Redirect("<<", "0", 'x "q" $Y\n')
    assert second.redirects[0] == Redirect("<<", "0", "$X\n")
    assert (last.argv, last.line) == (("last",), 6)


def test_a_group_empties_its_file_once():
    assert [each.redirects[0].operator for each in run("{ echo a; echo b; } > f")] == [">", ">>"]


def test_positional_parameters():
    text = 'if [ "${1#-}" != "$1" ]; then set -- server "$@"; fi; exec "$@"'
    (found,) = run(text, arguments=("-w", "4 5"))
    assert (found.argv, found.replaces) == (("server", "-w", "4 5"), True)
    assert argvs('a "$@"; shift; b $1 $#; shift 5; c "$@"', arguments=("x y", "z")) == [
        ("a", "x y", "z"),
        ("b", "z", "1"),
        ("c",),
    ]
    (found,) = run('exec "$@"', arguments=None)
    assert (found.argv, found.unknown) == (("$@",), ("@",))


def test_options_of_set_are_no_arguments():
    for text in ("set -euo pipefail", "set -e -o pipefail", "set +x", "set -o errexit"):
        assert argvs(f'{text}; x "$@"', arguments=("a",)) == [("x", "a")]
    (found,) = run("set -a; A=1; set +a; B=2; x")
    assert found.env == {"A": "1"}


def test_case_takes_the_branch_that_matches():
    text = 'case "$1" in api|web-*) a ;; "w*") b ;; *) c ;; esac'
    assert sure(text, arguments=("web-1",)) == {"a": True}
    assert sure(text, arguments=("wx",)) == {"c": True}
    assert sure(text, arguments=("w*",)) == {"b": True}
    assert sure(text, arguments=None) == {"a": False, "b": False, "c": False}


def test_loops():
    assert argvs("for p in a b; do x $p; done") == [("x", "a"), ("x", "b")]
    assert sure("for p in *.txt; do x $p; done; y") == {"x": False, "y": True}
    assert sure("until a; do b; done; c") == {"a": True, "b": False, "c": True}
    assert sure("while true; do a; done; b") == {"a": True, "b": False}
    assert argvs("for p in a b c; do [ $p = b ] && break; x $p; done; y") == [("x", "a"), ("y",)]


def test_functions_run_where_they_are_called():
    text = 'never() { a; }\nmain() { b "$@"; return; c; }\nmain 1 "2 3"\nd'
    assert argvs(text) == [("b", "1", "2 3"), ("d",)]


def test_nothing_follows_exec_and_exit():
    assert argvs("a; exec b; c") == [("a",), ("b",)]
    assert argvs("a; exit; c") == [("a",)]
    assert argvs("(exec a); b; exec > log; c")[:2] == [("a",), ("b",)]
    assert sure("if a; then exec b; fi; c") == {"a": True, "b": False, "c": False}


def test_where_a_script_lies():
    text = 'cd "$(dirname "$0")/.." && HERE=$(cd `dirname -- /srv/x/y` && pwd); a $HERE'
    (found,) = run(text, name="/app/bin/start.sh")
    assert (found.cwd, found.argv) == ("/app", ("a", "/srv/x"))


def test_sourced_files_are_followed():
    files = {"/app/env.sh": "export A=1\nfrom_env"}
    first, second = run(". ./env.sh\nx $A", cwd="/app", read=files.get)
    assert (first.argv, first.file, first.line) == (("from_env",), "/app/env.sh", 2)
    assert (second.argv, second.file, second.line) == (("x", "1"), "", 2)
    assert argvs(". /other.sh", read=files.get) == [(".", "/other.sh")]


@pytest.mark.parametrize(
    ("text", "argv", "why"),
    [
        ("x <(a) b", ("x", "<(a)", "b"), "process substitution"),
        ("x $(a | b) c", ("x", "$(a | b)", "c"), "command substitution"),
        ("x `a`", ("x", "`a`"), "command substitution"),
        ("x $((1 + 2))", ("x", "$((1 + 2))"), "arithmetic"),
        ("x ${A//b/c}", ("x", "${A//b/c}"), "an expansion of bash"),
        ("x {a,b}", ("x", "{a,b}"), "braces"),
        ("A=(1 2); x", ("x",), ""),
        ('"open', (), '" is missing'),
        ("if a; then", (), "a command is missing"),
        ("select x in a; do b; done", (), "select is not read"),
        ("x <<E", (), "the here-document E has no text"),
    ],
)
def test_what_cannot_be_read_says_so(text, argv, why):
    (found,) = run(text, shell=("/bin/bash", "-c"))
    assert (found.argv, found.unread) == (argv, why)


def test_what_stands_before_a_syntax_error_is_read():
    first, second = run("a\nb )\nc")
    assert (first.argv, first.sure) == (("a",), True)
    assert (second.argv, second.sure, second.line) == ((), False, 2)


def test_another_shell_is_not_read():
    (found,) = run("Write-Host hi", shell=("powershell", "-Command"))
    assert (found.argv, found.unread, found.text) == ((), "no POSIX shell", "Write-Host hi")


@pytest.mark.parametrize(
    "text",
    [
        "f() { f; f; }; f",
        "a=x;" + "a=$a$a$a;" * 60 + "x $a",
        "(" * 2000 + "a" + ")" * 2000,
        "x ${a:-" * 500 + "}" * 500,
        "x $(" * 500 + ")" * 500,
        "eval eval eval 'eval a'",
        "for a in 1 2 3 4 5 6 7 8 9; do " * 9 + "x;" + "done;" * 9,
        "x " + "{" * 100_000,
        "x " + "{," * 100_000,
        "cat " + "<<A " * 50_000 + "\n",
        "case x in " + "*a" * 2000 + ") b;; esac",
        "a " * 20_000,
    ],
)
def test_hard_texts_come_to_an_end(text):
    start = time.monotonic()
    run(text, shell=("bash", "-c"))
    assert time.monotonic() - start < 20


PIECES = [
    *("a", "$X", '"', "'", "`", "$(", "${", "}", ")", "(", "{ ", "; ", "if ", "then ", "fi"),
    *("else ", "while ", "do ", "done", "for x in ", "case ", "in ", "esac", ";;", "&&", "||"),
    *("|", "&", "\n", "<<E\n", "E\n", ">", "<<<", "<(", "#", "\\", "$((", "))", "[[ ", " ]]"),
    *("[ ", " ]", "!", "=", "A=", "f() ", "f", "exec ", "exit", "set -- ", '"$@"', "$1", "${X:-"),
    *("${X#", "*", "~", "eval ", ". x", "cd ", "\0", "é", "$'", "shift", "pwd", "\r\n", " "),
]


@given(st.lists(st.sampled_from(PIECES), max_size=50), st.sampled_from(["sh", "bash"]))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_any_text_gives_commands(pieces, program):
    text = "".join(pieces)
    for each in run(text, {"X": "v w"}, shell=(program, "-c"), read=lambda _: text):
        assert isinstance(each.argv, tuple)
        assert each.unread or each.argv or each.redirects


PRINTER = (
    f'{sys.executable} -c "import sys, os; print([os.path.realpath(os.curdir), sys.argv[1:]])"'
)
WORDS = [
    *("a", "'b c'", '"d e"', "$X", '"$X"', "${X%% *}", "${E:-f}", "${X:+'g h'}", '"$@"', "$*"),
    *("\\$X", '"\\"$1\\""', "i\"j k\"'l m'", "$E", '"$E"', "${1#-}", "$#", "~", '"~"', "x=$X"),
    *("$(dirname /q/r)", '"$(basename "$X")"', "'\"'", "${X#* }z", "$(echo s   t)", "u#u", "v#"),
]
LINES = [
    *(
        "p W",
        'A=W; p "$A" $A',
        "cd sub; p W; cd ..",
        "(cd sub; p W)",
        "true && p W",
        "false || p W",
    ),
    *("false && p W", "true || p W", 'set -- W; p "$@"', 'for i in W; do p $i "$i"; done'),
    *("if [ \"$X\" = 'v w' ]; then p W; else p no; fi", 'case "$X" in v*) p W;; *) p no;; esac'),
    *(
        'f() { p "$@"; }; f W',
        "eval p \\$X '1  2'; p W",
        "! false && p W",
        "while false; do p W; done",
    ),
    *('shift; p W "$@"', "{ p W; p W; }", "unset E; p ${E-W}", '[ -z "$E" ] && p W'),
]


@pytest.mark.parametrize("program", ["/bin/dash", "/bin/bash"])
def test_real_shells_run_the_same_words(program, tmp_path):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on this machine")
    (tmp_path / "sub").mkdir()
    show = tmp_path / "p"
    show.write_text(
        '#!/bin/sh\nprintf "%s" "$(pwd -P)"\nfor w in "$@"; do printf "|%s" "$w"; done\necho\n'
    )
    show.chmod(0o755)
    env = {"A": "old", "X": "v w", "E": "", "HOME": "/home/me", "PATH": f"{tmp_path}:/usr/bin:/bin"}
    pick = random.Random(8)
    for _ in range(150):
        lines = []
        for _ in range(3):
            words = " ".join(pick.choice(WORDS) for _ in range(pick.randrange(1, 4)))
            lines.append(pick.choice(LINES).replace("W", words))
        text = "\n".join(lines)
        ran = subprocess.run(
            [program, "-c", text, "name", "-1", "2 3"],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        folder = str(tmp_path.resolve())
        found = run(
            text, env, shell=(program, "-c"), cwd=folder, arguments=("-1", "2 3"), name="name"
        )
        ours = ["|".join((each.cwd or "", *each.argv[1:])) for each in found if each.argv[0] == "p"]
        assert all(each.sure and not each.unread and not each.unknown for each in found), text
        assert ours == ran.stdout.splitlines(), text
