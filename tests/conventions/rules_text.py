"""Rules that reading the files is enough for. Each takes a Tree and returns its findings, a line each."""
import pathlib
import re

ROOMS = {
    "base": {"base"},
    "config": {"base", "config"},
    "queue": {"base", "queue"},
    "render": {"base", "render"},
    "sync": {"base", "sync"},
    "daemon": {"base", "config", "queue", "render", "sync", "daemon"},
}
# Which folders alone may include which library. Tests and benchmarks may include what they measure.
LIBRARY_HOMES = [
    (r"uv\.h|uv/", ("daemon/", "sync/http/")),
    (r"curl/", ("sync/http/",)),
    (r"sqlite3\w*\.h", ("queue/",)),
    (r"pqxx", ("sync/central/",)),
    (r"lib(av|sw)\w+/|pango/|cairo|librsvg/|espeak|x264\.h", ("render/",)),
    (r"yaml-cpp/", ("config/",)),
    (r"civetweb|CivetServer|prometheus/", ("daemon/",)),
    (r"spdlog/", ("base/",)),
]
CUDA_HEADER = re.compile(r"cuda\w*\.h|nvrtc|nvml|ffnvcodec/|nvEncodeAPI")
# They multiply the compile time of whoever includes the header that includes them.
HEAVY_HEADER = re.compile(r"nlohmann/json\.hpp|pqxx|yaml-cpp/|spdlog/")
INCLUDE = re.compile(r'^[ \t]*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
CODE_SUFFIXES = (".h", ".cc", ".cu")
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70
# What is not code is replaced by a space (keeping line ends), so that braces and quotes in it do not count.
NOT_CODE = re.compile(
    r'R"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)"|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/'
    r"|\b\d[\w']*|'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:\\\n|[^\n])*",
    re.DOTALL | re.MULTILINE,
)
# What may stand before or in a definition and says nothing about what it defines.
NOT_HEAD = re.compile(
    r"\balignas\s*\([^)]*\)|__attribute__\s*\(\(.*?\)\)|\[\[.*?\]\]|\b(public|private|protected)\s*:(?!:)", re.DOTALL
)
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
FORBIDDEN = [
    (re.compile(r"\b(TODO|FIXME|XXX)\b"), "leaves work undone"),
    (re.compile(r"\busing\s+namespace\s+std\s*;"), "opens namespace std"),
]


class Tree:
    """The files under the rules' eyes; `build` is the build folder, for what it can tell about them."""

    def __init__(self, source, build, names):
        self.source = pathlib.Path(source)
        self.build = pathlib.Path(build)
        self.names = names

    def code(self, suffixes=CODE_SUFFIXES):
        return [name for name in self.names if name.endswith(suffixes)]

    def text(self, name):
        return (self.source / name).read_text(encoding="utf-8", errors="replace")


# Cases run side by side: what two of them may name, they take from each other. Unique folders are made here alone.
SHARED_NAME = re.compile(r'\b(TempDir|temp_directory_path|mkdtemp|mkstemps?|mkostemps?|tmpnam|tempnam)\s*\(|"/tmp\b')
FOLDER_MAKERS = ("tests/support/temporary_folder.h", "tests/support/postgres_server.cc")


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def includes(tree):
    """(file, line, what it includes) for every include of the rooms' own code."""
    for name in tree.code():
        if name.split("/")[0] not in ROOMS:
            continue
        text = tree.text(name)
        for match in INCLUDE.finditer(text):
            yield name, line_of(text, match.start()), match.group(1)


def include_direction(tree):
    findings = []
    for name, line, target in includes(tree):
        room, other = name.split("/")[0], target.split("/")[0]
        if other in ("tests", "benchmarks") or (other in ROOMS and other not in ROOMS[room]):
            findings.append(f"{name}:{line}: {room} includes {target}; allowed: {', '.join(sorted(ROOMS[room]))}")
    return findings


def library_headers(tree):
    findings = []
    for name, line, target in includes(tree):
        for pattern, homes in LIBRARY_HOMES:
            if re.match(pattern, target) and not name.startswith(homes):
                findings.append(f"{name}:{line}: includes {target}; allowed: only in {', '.join(homes)}")
        if CUDA_HEADER.match(target) and not re.match(r"render/(.+/)?cuda/", name):
            findings.append(f"{name}:{line}: includes {target}; allowed: only in render/**/cuda/")
        if HEAVY_HEADER.match(target) and name.endswith(".h"):
            findings.append(f"{name}:{line}: includes {target} in a header; allowed: only in .cc files")
    return findings


def blank(match):
    return " " + "\n" * match.group(0).count("\n")


def functions(text):
    """(first line, last line) of every function body's outermost definition, by its braces."""
    code = NOT_CODE.sub(blank, text)
    stack = []  # kind and first line of every brace that is open
    start = 0
    for match in re.finditer(r"[{};]", code):
        if match.group(0) == "{":
            head = NOT_HEAD.sub(blank, code[start : match.start()])
            first_line = line_of(code, start) + head[: len(head) - len(head.lstrip())].count("\n")
            outermost = all(kind == "scope" for kind, _ in stack)
            if outermost and SCOPE.search(head) and ")" not in head.rsplit(">", 1)[-1]:
                kind = "scope"
            else:
                kind = "function" if outermost and "(" in head else "block"
            stack.append((kind, first_line))
        elif match.group(0) == "}" and stack:
            kind, first_line = stack.pop()
            if kind == "function":
                yield first_line, line_of(code, match.start())
        start = match.end()


def length(tree):
    findings = []
    for name in tree.code():
        text = tree.text(name)
        lines = text.count("\n")
        if lines > MAX_FILE_LINES:
            findings.append(f"{name}:1: has {lines} lines; allowed: {MAX_FILE_LINES}")
        for first, last in functions(text):
            if last - first + 1 > MAX_FUNCTION_LINES:
                findings.append(f"{name}:{first}: function of {last - first + 1} lines; allowed: {MAX_FUNCTION_LINES}")
    return findings


def test_folders(tree):
    findings = []
    for name in tree.code():
        if not name.startswith("tests/") or name in FOLDER_MAKERS:
            continue
        text = tree.text(name)
        for match in SHARED_NAME.finditer(text):
            what = match.group(0).strip('"( ')
            findings.append(f"{name}:{line_of(text, match.start())}: {what}; allowed: test::TemporaryFolder")
    return findings


def hygiene(tree):
    findings = []
    for name in tree.names:
        # Corpora and samples are data; the rules themselves name what they forbid.
        if name.startswith(("tests/fuzz/corpus/", "tests/conventions/", "samples/")):
            continue
        raw = (tree.source / name).read_bytes()
        if b"\0" in raw:
            continue
        text = raw.decode("utf-8", errors="replace")
        for match in re.finditer(r"[ \t\r]+$", text, re.MULTILINE):
            findings.append(f"{name}:{line_of(text, match.start())}: trailing white space")
        if text and not text.endswith("\n"):
            findings.append(f"{name}:{line_of(text, len(text))}: no line end at the end of the file")
        for pattern, what in FORBIDDEN:
            for match in pattern.finditer(text):
                findings.append(f"{name}:{line_of(text, match.start())}: {match.group(0)} {what}")
        if name.endswith(".h") and not re.search(r"^#pragma once$", text, re.MULTILINE):
            findings.append(f"{name}:1: no #pragma once")
    return findings
