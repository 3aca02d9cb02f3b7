#!/usr/bin/env python3
"""Holds the tree to the project's rules: python3 check.py RULE --source DIR --build DIR.

Ends with 0 if the rule holds, 1 with one line a finding, 77 (skipped) with the reason if it cannot be checked here.
"""
import argparse
import pathlib
import subprocess
import sys

import rules_build
import rules_docs
import rules_text
from rules_text import Tree

SKIPPED = 77
RULES = {
    "include-direction": rules_text.include_direction,
    "library-headers": rules_text.library_headers,
    "length": rules_text.length,
    "hygiene": rules_text.hygiene,
    "test-folders": rules_text.test_folders,
    "docs": rules_docs.docs,
    "format": rules_build.clang_format,
    "headers-alone": rules_build.headers_alone,
    "tests-built": rules_build.tests_built,
    "links": rules_build.links,
}


def tracked_files(source):
    """Paths git knows, else (a source archive) all that lie outside build folders."""
    listing = subprocess.run(["git", "-C", source, "ls-files", "-z"], capture_output=True, check=False)
    if listing.returncode == 0 and listing.stdout:
        names = listing.stdout.decode().split("\0")
    else:
        root = pathlib.Path(source)
        names = [str(path.relative_to(root)) for path in root.rglob("*")]
        names = [name for name in names if not name.startswith(("build/", ".git/"))]
    return sorted(name for name in names if name and (pathlib.Path(source) / name).is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rule", choices=sorted(RULES))
    parser.add_argument("--source", required=True)
    parser.add_argument("--build", required=True)
    arguments = parser.parse_args()
    tree = Tree(arguments.source, arguments.build, tracked_files(arguments.source))
    try:
        findings = RULES[arguments.rule](tree)
    except rules_build.Skip as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    for finding in findings:
        print(finding)
    print(f"{arguments.rule}: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
