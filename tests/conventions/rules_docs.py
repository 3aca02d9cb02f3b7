"""What the documents name exists: files, and commands of vividctl."""
import posixpath
import re

from rules_text import line_of

LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")
# Paths of the tree as text or commands name them; a name with a capital or a star is a pattern.
NAMED_FILE = re.compile(r"(?<![\w./~$-])((?:docs|samples|config|migrations|tests)/[a-z0-9_./-]+\.[a-z]+)\b")
COMMAND = re.compile(r"(?:^|[\s`(/'])vividctl ([a-z]+)", re.MULTILINE)
WORD = re.compile(r'"([a-z]+)"')


def commands(tree):
    """What may be the name of a command: the commands' own files name nothing that they do not know."""
    names = set()
    for name in tree.code((".cc",)):
        if name.startswith("daemon/vividctl/commands_"):
            names.update(WORD.findall(tree.text(name)))
    return names


def docs(tree):
    findings = []
    known = set(tree.names)
    folders = {posixpath.dirname(name) for name in tree.names}
    defined = commands(tree)
    for name in tree.names:
        if not name.endswith(".md"):
            continue
        text = tree.text(name)
        for match in LINK.finditer(text):
            target = match.group(1)
            if re.match(r"[a-z]+:", target):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            if path not in known and path not in folders:
                findings.append(f"{name}:{line_of(text, match.start())}: links to {target}, which is not there")
        for match in NAMED_FILE.finditer(text):
            if match.group(1) not in known:
                findings.append(f"{name}:{line_of(text, match.start())}: names {match.group(1)}, which is not there")
        for match in COMMAND.finditer(text):
            line = text[text.rfind("\n", 0, match.start(1)) + 1 : match.start(1)]
            in_code = line.count("`") % 2 == 1 or line.startswith(("vividctl", "build/"))
            if in_code and match.group(1) not in defined:
                findings.append(f"{name}:{line_of(text, match.start(1))}: vividctl has no command {match.group(1)}")
    return findings
