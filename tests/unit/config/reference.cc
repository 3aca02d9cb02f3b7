#include "tests/unit/config/reference.h"

#include <array>
#include <utility>
#include <vector>

#include "config/option.h"

namespace vivid::config {
namespace {

constexpr std::size_t kWidth = 100;

const std::vector<std::pair<std::string, std::string>>& section_titles() {
  static const std::vector<std::pair<std::string, std::string>> titles{
      {"host", "Who this host is."},
      {"paths", "Where things live. Relative paths are of this file's folder."},
      {"queue", "The durable local queue."},
      {"stages", "How long each stage may take, how long it may be silent, and how often it is tried."},
      {"lanes", "How much runs at once."},
      {"workers", "Worker processes, which run the media stages."},
      {"render", "What videos look and sound like."},
      {"gpu", "NVIDIA's encoders: how they encode, and how much of them is used at once."},
      {"formats",
       "What is made besides the video, its sound, captions in WebVTT and a thumbnail; requests may ask for more."},
      {"storage", "Where results go."},
      {"google", "Google's cloud."},
      {"notify", "What is told when a request has been completed."},
      {"admission", "When new work is refused."},
      {"control", "The socket that vividctl speaks to."},
      {"http", "Metrics and health."},
      {"log", "What is logged, to standard error."},
      {"shutdown", "How the daemon ends."},
      {"cost", "What a whole request costs, for the metrics on what text-only requests save and for forecasts."},
      {"central", "The PostgreSQL database that the hosts of a fleet share."},
      {"prices",
       "What is charged for measured use. The reference lesson (one script, 2,500 characters spoken, 45 GPU seconds, "
       "60 "
       "CPU seconds, 100,000,000 bytes) comes to $0.20, and its text alone to $0.017."}};
  return titles;
}

std::string title_of(const std::string& section) {
  for (const auto& [name, title] : section_titles()) {
    if (name == section) return title;
  }
  return "";
}

std::string comment(const std::string& text, const std::string& indent) {
  std::string result;
  std::string line;
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = text.find(' ', start);
    if (end == std::string::npos) end = text.size();
    const std::string word = text.substr(start, end - start);
    if (!line.empty() && indent.size() + 2 + line.size() + 1 + word.size() > kWidth) {
      result += indent + "# " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    start = end + 1;
  }
  return result + indent + "# " + line + "\n";
}

std::string facts(const Option& option) {
  std::string text = option.doc;
  const bool anything = option.choices.empty() && option.accepts == nullptr && option.maximum == 0.0;
  if (!anything) text += " Allowed: " + describe_allowed(option) + (option.unit.empty() ? "" : " " + option.unit) + ".";
  if (!option.when_empty.empty()) text += " Empty: " + option.when_empty + ".";
  return text;
}

std::string section_of(const Option& option) { return option.key.substr(0, option.key.find('.')); }

// "|" ends a table cell.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
  return result;
}

}  // namespace

std::string render_annotated_yaml() {
  std::string yaml = comment(
      "The configuration of vividd: every option with its default. Keep what you change, delete the rest. Each option "
      "is also an environment variable, which wins over the file: http.port is VIVIDD_HTTP_PORT. Durations are "
      "numbers with ms, s, m, h or d (90s, 1m30s); sizes are numbers with kB, MB, GB or KiB, MiB, GiB (512MiB).",
      "");
  std::string section;
  std::string stage;
  for (const Option& option : options()) {
    if (section != section_of(option)) {
      section = section_of(option);
      yaml += "\n" + comment(title_of(section), "") + section + ":\n";
    }
    std::string rest = option.key.substr(section.size() + 1);
    std::string indent = "  ";
    if (const std::size_t dot = rest.find('.'); dot != std::string::npos) {
      if (stage != rest.substr(0, dot)) yaml += "  " + rest.substr(0, dot) + ":\n";
      stage = rest.substr(0, dot);
      rest = rest.substr(dot + 1);
      indent = "    ";
    }
    yaml += comment(facts(option), indent) + indent + rest + ": " + format_value(option, Config{}) + "\n";
  }
  return yaml;
}

std::string render_reference_page() {
  std::string page =
      "# Configuration\n\n"
      "With no configuration at all vividd runs: a local queue, a local folder as object store, no PostgreSQL, no "
      "cloud.\n"
      "What differs from the defaults goes into a YAML file, given with `--config`; "
      "[config/vividd.yaml](../config/vividd.yaml) has every\n"
      "option with its default and may be copied. `vividd --check-config` checks a file, prints what is in force and "
      "ends.\n\n"
      "- **Precedence:** defaults, then the file, then the environment.\n"
      "- **Environment:** `VIVIDD_` and the key in capitals, dots as underscores. A list is written as in YAML: "
      "`VIVIDD_NOTIFY_COMMAND='[\"/usr/bin/tell\", \"--quiet\"]'`.\n"
      "- **Durations** are numbers with `ms`, `s`, `m`, `h` or `d`: `90s`, `1m30s`, `2.5s`. A bare number is refused.\n"
      "- **Sizes** are numbers with `kB`, `MB`, `GB`, `TB` (powers of 1000) or `KiB`, `MiB`, `GiB`, `TiB` (powers of "
      "1024); a bare number is bytes.\n"
      "- **Relative paths** are of the configuration file's folder, also from the environment; without a file, of the "
      "current one.\n"
      "- **Mistakes** are reported all at once, one a line, as `file:line: key: problem; allowed`; for a variable its "
      "name stands for file and line.\n"
      "  Unknown variables that begin with `VIVIDD_`, unknown and repeated keys, aliases, a second document, more than "
      "8 levels and files over 256 KiB are "
      "mistakes.\n\n"
      "These must fit one another: each stage's `silence` ≤ its `start_to_close`; `queue.retry_initial` ≤ "
      "`queue.retry_maximum`; `workers.grace` < `shutdown.drain_limit`;\n"
      "`central.renew_interval` ≤ a third of `central.lease`; `central.statement_timeout` < `central.lease`; "
      "`central.poll_minimum` ≤ `central.poll_maximum`;\n"
      "`render.encoder` and `render.hardware`; and no two paths are the same.\n";
  std::string section;
  for (const Option& option : options()) {
    if (section != section_of(option)) {
      section = section_of(option);
      page += "\n## " + section + "\n\n" + title_of(section) + "\n\n| key | type | default | allowed | what it is |\n" +
              "|---|---|---|---|---|\n";
    }
    std::string value = format_value(option, Config{});
    if (!option.when_empty.empty() && (value == "\"\"" || value == "[]")) value = "empty: " + option.when_empty;
    std::string allowed = describe_allowed(option);
    if (!option.unit.empty()) allowed += " " + option.unit;
    page += "| `" + option.key + "` | " + std::string(type_name(option)) + " | " + cell(value) + " | " + cell(allowed) +
            " | " + cell(option.doc) + " |\n";
  }
  return page;
}

}  // namespace vivid::config
