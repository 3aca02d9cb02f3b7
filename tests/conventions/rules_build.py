"""Rules that need a tool or the build folder. Each takes a Tree and returns its findings, or raises Skip."""
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess

MEDIA_LIBRARY = re.compile(
    r"\blib(av(codec|format|util|filter|device)|sw(scale|resample)|x264|pango|cairo|rsvg|espeak|cuda|nvidia|nvcuvid)"
    r"[^/\s]*\.so\S*"
)
PROJECT_INCLUDE = re.compile(r'^[ \t]*#\s*include\s*"([^"]+)"', re.MULTILINE)


class Skip(Exception):
    """This cannot be checked here; the text says why."""


def compile_commands(tree):
    path = tree.build / "compile_commands.json"
    if not path.exists():
        raise Skip(f"{path} does not exist; configure with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    return json.loads(path.read_text())


def clang_format(tree):
    tool = shutil.which("clang-format-14")
    if tool is None:
        raise Skip("clang-format-14 is not installed")
    names = tree.code()
    findings = []
    for start in range(0, len(names), 50):
        command = [tool, "--dry-run", "-Werror", "--ferror-limit=1", *names[start : start + 50]]
        result = subprocess.run(command, cwd=tree.source, capture_output=True, text=True, check=False)
        complaints = [line for line in result.stderr.splitlines() if re.search(r":\d+:\d+: error", line)]
        findings += complaints or ([result.stderr.strip()] if result.returncode != 0 else [])
    return findings


def tests_built(tree):
    built = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in compile_commands(tree)}
    return [
        f"{name}:1: no CMake target builds it"
        for name in tree.names
        if name.startswith("tests/") and name.endswith("_test.cc") and os.path.realpath(tree.source / name) not in built
    ]


def links(tree):
    findings = []
    programs = [tree.build / "bin" / name for name in ("vividd", "vividctl")]
    present = [program for program in programs if program.exists()]
    if not present:
        raise Skip(f"neither vividd nor vividctl is in {tree.build / 'bin'}")
    for program in present:
        result = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            findings.append(f"{program.name}: ldd fails: {result.stderr.strip()}")
        libraries = sorted({match.group(0) for match in MEDIA_LIBRARY.finditer(result.stdout)})
        findings += [f"{program.name}: links {library}; allowed: no media library" for library in libraries]
    return findings


def include_flags(commands):
    """The compiler, and every include folder any target has: a header may need its room's."""
    flags, compiler = [], None
    for entry in commands:
        words = shlex.split(entry["command"])
        if compiler is None:
            compiler = next(word for word in words if not word.endswith("ccache"))
        for index, word in enumerate(words):
            if word in ("-isystem", "-I"):
                flags.append((word, words[index + 1]))
            elif word.startswith("-I"):
                flags.append((word,))
    unique = list(dict.fromkeys(flags))
    return compiler, [word for flag in unique for word in flag]


def closure(tree, name, seen):
    """All project files that a header pulls in, itself included."""
    if name in seen or not (tree.source / name).is_file():
        return seen
    seen.add(name)
    for target in PROJECT_INCLUDE.findall(tree.text(name)):
        closure(tree, target, seen)
    return seen


def headers_alone(tree):
    compiler, flags = include_flags(compile_commands(tree))
    if compiler is None:
        raise Skip("the build compiles nothing yet")
    command = [compiler, "-std=c++20", "-fsyntax-only", "-w", f"-I{tree.source}", *flags]
    # Every test is told where the sources and the programs are; its headers may use that.
    told = ['-DVIVID_SOURCE_DIR=""', '-DVIVID_BINARY_DIR=""']
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False).stdout

    def key(name):
        digest = hashlib.sha256("\0".join([version, *command]).encode())
        for part in sorted(closure(tree, name, set())):
            digest.update(f"\0{part}\0{tree.text(part)}".encode())
        return digest.hexdigest()

    def compile_alone(name):
        source = f'#include "{name}"\n'
        arguments = [*command, *(told if name.startswith("tests/") else []), "-x", "c++", "-"]
        result = subprocess.run(
            arguments, input=source, capture_output=True, text=True, check=False, cwd=tree.source
        )
        errors = [line for line in result.stderr.splitlines() if "error" in line]
        return None if result.returncode == 0 else f"{name}:1: does not compile alone: {(errors or ['?'])[0]}"

    # Headers that compiled before and have not changed, nor anything they include, are not compiled again.
    memory = tree.build / "conventions" / "headers-alone.json"
    known = set(json.loads(memory.read_text())) if memory.exists() else set()
    keys = {name: key(name) for name in tree.code((".h",))}
    changed = [name for name in keys if keys[name] not in known]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(changed, pool.map(compile_alone, changed)))
    findings = [finding for finding in results.values() if finding]
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps([keys[name] for name in keys if not results.get(name)]))
    return findings
