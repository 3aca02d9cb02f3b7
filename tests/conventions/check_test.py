"""Each rule finds what it is there to find, and is silent about what is allowed."""
import json
import os
import pathlib
import shutil
import tempfile
import unittest

import rules_build
import rules_docs
import rules_text
from rules_text import Tree


class RuleTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def tree(self, files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Tree(self.folder, self.folder / "build", sorted(files))

    def assert_found(self, findings, *starts):
        self.assertEqual(len(findings), len(starts), findings)
        for finding, start in zip(findings, starts):
            self.assertTrue(finding.startswith(start), finding)

    def compile_commands(self, *files, flags=""):
        compiler = os.environ.get("CXX", "g++")
        entries = [
            {"directory": str(self.folder), "file": name, "command": f"/usr/bin/ccache {compiler} {flags} -c {name}"}
            for name in files
        ]
        (self.folder / "build").mkdir(exist_ok=True)
        (self.folder / "build/compile_commands.json").write_text(json.dumps(entries))


class IncludeDirection(RuleTest):
    def test_rooms_do_not_include_each_other(self):
        tree = self.tree(
            {
                "base/a.h": '#include "queue/q.h"\n',
                "queue/q.cc": '#include "base/a.h"\n\n#include "config/config.h"\n',
                "render/x/r.cc": '#include "daemon/d.h"\n',
                "sync/s.cc": '#include "tests/support/fake.h"\n',
            }
        )
        findings = rules_text.include_direction(tree)
        self.assert_found(findings, "base/a.h:1:", "queue/q.cc:3:", "render/x/r.cc:1:", "sync/s.cc:1:")

    def test_daemon_and_tests_include_all(self):
        tree = self.tree(
            {
                "daemon/d.cc": '#include "queue/q.h"\n#include "render/p/p.h"\n#include "config/c.h"\n#include <vector>\n',
                "tests/unit/base/t.cc": '#include "daemon/d.h"\n',
                "render/a.cc": '#include "render/b/b.h"\n',
            }
        )
        self.assert_found(rules_text.include_direction(tree))


class LibraryHeaders(RuleTest):
    def test_each_library_has_one_home(self):
        strays = {
            "base/b.cc": "uv.h",
            "config/c.cc": "prometheus/counter.h",
            "daemon/d.cc": "sqlite3.h",
            "daemon/e.cc": "libavcodec/avcodec.h",
            "queue/q.cc": "yaml-cpp/yaml.h",
            "render/encode/n.cc": "cuda.h",
            "sync/storage/s.cc": "pqxx/pqxx",
        }
        tree = self.tree({name: f"#include <{header}>\n" for name, header in strays.items()})
        self.assert_found(rules_text.library_headers(tree), *strays)

    def test_at_home_they_are_fine(self):
        tree = self.tree(
            {
                "daemon/loop.h": "#include <uv.h>\n",
                "queue/q.cc": "#include <sqlite3.h>\n",
                "render/encode/e.cc": 'extern "C" {\n#include <libavcodec/avcodec.h>\n}\n',
                "render/compose/cuda/k.cc": "#include <cuda.h>\n",
                "sync/central/c.cc": "#include <pqxx/pqxx>\n",
                "tests/unit/queue/t.cc": "#include <sqlite3.h>\n",
            }
        )
        self.assert_found(rules_text.library_headers(tree))

    def test_heavy_headers_stay_out_of_headers(self):
        tree = self.tree(
            {"daemon/a.h": "#include <nlohmann/json.hpp>\n", "daemon/b.h": "#include <nlohmann/json_fwd.hpp>\n"}
        )
        self.assert_found(rules_text.library_headers(tree), "daemon/a.h:1:")


class Length(RuleTest):
    def test_long_files_and_functions_are_found(self):
        body = "  f();\n" * 70
        tree = self.tree(
            {
                "base/file.cc": "\n" * 501,
                "base/free.cc": "namespace a {\n\nvoid g(int x) {\n" + body + "}\n}\n",
                "base/method.cc": "class A final : public B<int> {\n public:\n  A() : x_(1) {\n" + body + "  }\n};\n",
                "base/test.cc": 'TEST(A, B) {\n  s = "}";\n  c = \'}\';  // }\n' + body + "}\n",
            }
        )
        findings = rules_text.length(tree)
        self.assert_found(findings, "base/file.cc:1:", "base/free.cc:3:", "base/method.cc:3:", "base/test.cc:1:")

    def test_what_is_not_one_function_is_not_counted_as_one(self):
        short = "int f() { return 1'000; }\n" * 40
        tree = self.tree(
            {
                "base/class.h": "struct alignas(64) A {\n" + short * 2 + "};\n",
                "base/namespace.cc": "namespace {\n" + short * 2 + "}\n",
                "base/extern.cc": 'extern "C" {\n' + short * 2 + "}\n",
                "base/table.cc": "constexpr int kTable[] = {\n" + "  1,\n" * 100 + "};\n",
                "base/raw.cc": 'const char* k = R"sql(\nf() {\n' + "x\n" * 100 + ')sql";\n',
                "base/exact.cc": "void g() {\n" + "  f();\n" * 68 + "}\n",
            }
        )
        self.assert_found(rules_text.length(tree))


class Hygiene(RuleTest):
    def test_slips_are_found(self):
        tree = self.tree(
            {
                "a.md": "text  \n",
                "base/b.h": "int x;\n",
                "base/c.cc": "// TO" + "DO later\n",
                "base/d.cc": "using namespace std;\n",
                "base/e.cc": "int x;",
            }
        )
        self.assert_found(
            rules_text.hygiene(tree), "a.md:1:", "base/b.h:1:", "base/c.cc:1:", "base/d.cc:1:", "base/e.cc:1:"
        )

    def test_clean_files_and_data_are_fine(self):
        tree = self.tree(
            {"base/a.h": "// Why.\n#pragma once\nusing namespace std::chrono_literals;\n", "tests/fuzz/corpus/x/1": "a  ", "samples/s.txt": "fenced  \n"}
        )
        self.assert_found(rules_text.hygiene(tree))


class TestFolders(RuleTest):
    def test_names_that_others_may_choose_are_found(self):
        tree = self.tree(
            {
                "tests/unit/a_test.cc": 'auto a = testing::TempDir() + "a";\n',
                "tests/unit/b_test.h": "auto b = fs::temp_directory_path() / name;\n",
                "tests/unit/c_test.cc": '\nstd::string c = "/tmp/c-XXXXXX";\nif (::mkdtemp(c.data())) {}\n',
            }
        )
        findings = rules_text.test_folders(tree)
        self.assert_found(
            findings, "tests/unit/a_test.cc:1:", "tests/unit/b_test.h:1:", "tests/unit/c_test.cc:2:",
            "tests/unit/c_test.cc:3:"
        )

    def test_the_helper_and_values_are_fine(self):
        tree = self.tree(
            {
                "tests/support/temporary_folder.h": "if (::mkdtemp(name.data()) == nullptr) std::abort();\n",
                "tests/unit/a_test.cc": 'const test::TemporaryFolder folder;\nload("queue: {path: /tmp/q}");\n',
                "base/a.cc": "auto a = fs::temp_directory_path();\n",
            }
        )
        self.assert_found(rules_text.test_folders(tree))


class Docs(RuleTest):
    CLIENT = 'add_command(app, "status", "x");\nCLI::App* sub = add_command(*parent,\n  "show", "x");\n'

    def test_what_is_not_there_is_found(self):
        tree = self.tree(
            {
                "daemon/vividctl/commands_a.cc": self.CLIENT,
                "docs/a.md": "[b](b.md), [c](../c.md#x)\n",
                "README.md": "see docs/none.sql\n`vividctl stat`\n\n```\nvividctl shows\n```\n",
            }
        )
        findings = rules_docs.docs(tree)
        self.assert_found(findings, "README.md:1:", "README.md:2:", "README.md:5:", "docs/a.md:1:", "docs/a.md:1:")

    def test_what_is_there_is_fine(self):
        tree = self.tree(
            {
                "daemon/vividctl/commands_a.cc": self.CLIENT,
                "README.md": "[a](docs/a.md#x), [all](docs/), [far](https://example.org/x), `samples/*.json`\n",
                "docs/a.md": "docs/a.md, `vividctl status`, `vividctl show ID`; with vividctl nobody needs more\n",
            }
        )
        self.assert_found(rules_docs.docs(tree))


class Build(RuleTest):
    def test_unbuilt_tests_are_found(self):
        tree = self.tree({"tests/unit/a_test.cc": "", "tests/unit/b_test.cc": "", "tests/unit/helper.cc": ""})
        self.compile_commands("tests/unit/a_test.cc")
        self.assert_found(rules_build.tests_built(tree), "tests/unit/b_test.cc:1:")

    def test_without_a_build_it_is_skipped(self):
        tree = self.tree({"tests/unit/a_test.cc": ""})
        self.assertRaises(rules_build.Skip, rules_build.tests_built, tree)
        self.assertRaises(rules_build.Skip, rules_build.links, tree)

    def test_headers_that_lean_on_others_are_found(self):
        tree = self.tree(
            {
                "base/good.h": "#pragma once\nstruct Good {};\n",
                "base/leaning.h": "#pragma once\ninline Good f() { return {}; }\n",
                "base/through.h": '#pragma once\n#include "base/good.h"\n#include <found.h>\ninline Good g();\n',
                "outside/found.h": "",
            }
        )
        tree.names.remove("outside/found.h")
        self.compile_commands("x.cc", flags=f"-isystem {self.folder}/outside")
        self.assert_found(rules_build.headers_alone(tree), "base/leaning.h:1:")
        # What failed is not remembered as good, and what a good header includes is watched.
        self.assert_found(rules_build.headers_alone(tree), "base/leaning.h:1:")
        (self.folder / "base/good.h").write_text("#pragma once\n")
        self.assert_found(rules_build.headers_alone(tree), "base/leaning.h:1:", "base/through.h:1:")

    @unittest.skipIf(shutil.which("clang-format-14") is None, "clang-format-14 is not installed")
    def test_unformatted_code_is_found(self):
        tree = self.tree(
            {".clang-format": "BasedOnStyle: Google\n", "base/a.cc": "int  x ;\n", "base/b.cc": "int x;\n"}
        )
        findings = rules_build.clang_format(tree)
        self.assertTrue(findings)
        self.assertTrue(all(finding.startswith("base/a.cc:1:") for finding in findings), findings)

    def test_media_libraries_are_recognised(self):
        for name in ("libavcodec.so.59", "libswscale.so.6", "libpango-1.0.so.0", "libcairo.so.2", "libespeak-ng.so.1"):
            self.assertTrue(rules_build.MEDIA_LIBRARY.search(f"\t{name} => /usr/lib/{name} (0x00)"), name)
        for name in ("libuv.so.1", "libsqlite3.so.0", "libstdc++.so.6", "libavahi-client.so.3"):
            self.assertFalse(rules_build.MEDIA_LIBRARY.search(f"\t{name} => /usr/lib/{name} (0x00)"), name)

    def test_program_that_links_one_is_found(self):
        tree = self.tree({})
        program = self.folder / "build/bin/vividd"
        program.parent.mkdir(parents=True)
        program.write_text("not a program\n")
        self.assert_found(rules_build.links(tree), "vividd: ldd fails")


if __name__ == "__main__":
    unittest.main()
