#include "sync/central/migrate/revision.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "base/digest.h"
#include "sync/central/migrate/sql_text.h"

namespace vivid::sync {
namespace {

constexpr std::string_view kStepMark = "-- step: ";

std::string quoted_step(const Step& step) { return "step '" + step.name + "': "; }

// "CREATE INDEX CONCURRENTLY IF NOT EXISTS name ON …" or "DROP INDEX CONCURRENTLY IF EXISTS name"; nothing otherwise.
// Both must be harmless when they are run again after a crash.
std::optional<std::string> index_of(const Statement& statement) {
  using Words = std::vector<std::string>;
  static const std::array<Words, 3> kForms{Words{"CREATE", "INDEX", "CONCURRENTLY", "IF", "NOT", "EXISTS"},
                                           Words{"CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", "IF", "NOT", "EXISTS"},
                                           Words{"DROP", "INDEX", "CONCURRENTLY", "IF", "EXISTS"}};
  for (const Words& form : kForms) {
    if (statement.words.size() <= form.size()) continue;
    if (!std::equal(form.begin(), form.end(), statement.words.begin())) continue;
    std::string name = statement.words[form.size()];
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
  }
  return std::nullopt;
}

Status check_transactional(const Step& step, const std::vector<Statement>& statements) {
  static const std::set<std::string> kControl{"BEGIN",     "COMMIT", "ROLLBACK", "START", "END",
                                              "SAVEPOINT", "ABORT",  "VACUUM",   "RAISE"};
  for (const Statement& statement : statements) {
    if (kControl.contains(statement.words.front())) {
      return fail(ErrorCode::invalid_input,
                  quoted_step(step) + statement.words.front() + " cannot stand in a step, which is a transaction");
    }
    if (std::find(statement.words.begin(), statement.words.end(), "CONCURRENTLY") != statement.words.end()) {
      return fail(ErrorCode::invalid_input,
                  quoted_step(step) + "CONCURRENTLY cannot run in a transaction; mark the step 'no transaction'");
    }
  }
  return {};
}

Status check_step(Step& step) {
  const Result<std::vector<Statement>> statements = split_statements(step.sql);
  if (!statements) return fail(ErrorCode::invalid_input, quoted_step(step) + statements.error().message);
  if (statements->empty()) return fail(ErrorCode::invalid_input, quoted_step(step) + "it has no statement");
  if (step.kind != StepKind::transaction && statements->size() != 1) {
    return fail(ErrorCode::invalid_input,
                quoted_step(step) + "it must be one statement, not " + std::to_string(statements->size()));
  }
  if (step.kind != StepKind::no_transaction) return check_transactional(step, *statements);
  const std::optional<std::string> index = index_of(statements->front());
  if (!index) {
    return fail(
        ErrorCode::invalid_input,
        quoted_step(step) + "allowed: CREATE INDEX CONCURRENTLY IF NOT EXISTS, DROP INDEX CONCURRENTLY IF EXISTS");
  }
  step.index = *index;
  return {};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    names.emplace_back(trimmed(list.substr(0, comma)));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return names;
}

// "NAME [batch | no transaction | locks TABLE, … | needs RELATION]"
Result<Step> parse_heading(std::string_view heading) {
  heading = trimmed(heading);
  Step step;
  const std::size_t space = heading.find(' ');
  step.name = std::string(heading.substr(0, space));
  const std::string_view rest = space == std::string_view::npos ? "" : trimmed(heading.substr(space));
  if (step.name.empty()) return fail(ErrorCode::invalid_input, "a step has no name");
  if (rest == "batch") {
    step.kind = StepKind::batch;
  } else if (rest == "no transaction") {
    step.kind = StepKind::no_transaction;
  } else if (rest.starts_with("locks ")) {
    step.locks = names_in(rest.substr(6));
  } else if (rest.starts_with("needs ")) {
    step.needs = std::string(trimmed(rest.substr(6)));
  } else if (!rest.empty()) {
    return fail(ErrorCode::invalid_input,
                quoted_step(step) + "'" + std::string(rest) +
                    "' is unknown; allowed: batch, no transaction, locks TABLE, needs RELATION");
  }
  return step;
}

Result<std::vector<Step>> parse_steps(std::string_view text) {
  std::vector<Step> steps;
  std::set<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (line.starts_with(kStepMark)) {
      const std::string_view heading = line.substr(kStepMark.size());
      VIVID_ASSIGN(Step step, parse_heading(heading.substr(0, heading.find('\n'))));
      if (!names.insert(step.name).second) {
        return fail(ErrorCode::invalid_input, quoted_step(step) + "another step has this name");
      }
      steps.push_back(std::move(step));
    } else if (!steps.empty()) {
      steps.back().sql += line;
    } else if (!line.starts_with("--") && line.find_first_not_of(" \t\r\n") != std::string_view::npos) {
      return fail(ErrorCode::invalid_input, "SQL stands before the first '-- step: NAME'");
    }
  }
  if (steps.empty()) return fail(ErrorCode::invalid_input, "it has no step");
  for (Step& step : steps) VIVID_TRY(check_step(step));
  return steps;
}

struct FileName {
  int number = 0;
  std::string name;
  std::string part;  // up, down, verify
};

std::optional<FileName> parse_name(std::string_view text) {
  FileName parsed;
  if (text.size() < 5 || text[4] != '_' || !text.ends_with(".sql")) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, parsed.number);
  if (error != std::errc{} || end != text.data() + 4) return std::nullopt;
  text.remove_prefix(5);
  text.remove_suffix(4);
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  parsed.name = std::string(text.substr(0, dot));
  parsed.part = std::string(text.substr(dot + 1));
  return parsed;
}

Status add_file(std::map<int, Revision>& revisions, const MigrationFile& file) {
  const std::optional<FileName> name = parse_name(file.name);
  if (!name) {
    return fail(ErrorCode::invalid_input, "the name is not NNNN_name.up.sql, .down.sql or .verify.sql");
  }
  Revision& revision = revisions[name->number];
  if (!revision.name.empty() && revision.name != name->name) {
    return fail(ErrorCode::invalid_input, "another file calls this revision " + revision.name);
  }
  revision.number = name->number;
  revision.name = name->name;
  VIVID_ASSIGN(std::vector<Step> steps, parse_steps(file.text));
  if (name->part == "up") {
    revision.up = std::move(steps);
    Sha256 hash;
    hash.update(std::as_bytes(std::span(file.text)));
    revision.checksum = hash.finish_hex();
  } else if (name->part == "down") {
    revision.down = std::move(steps);
  } else if (name->part == "verify") {
    revision.verify = std::move(steps);
  } else {
    return fail(ErrorCode::invalid_input, "'" + name->part + "' is no part; allowed: up, down, verify");
  }
  return {};
}

}  // namespace

std::string Revision::id() const {
  std::array<char, 16> number_text{};
  std::snprintf(number_text.data(), number_text.size(), "%04d_", number);
  return number_text.data() + name;
}

bool is_one_transaction(const std::vector<Step>& steps) {
  return std::all_of(steps.begin(), steps.end(), [](const Step& step) { return step.kind == StepKind::transaction; });
}

Result<std::vector<Revision>> parse_revisions(std::span<const MigrationFile> files) {
  std::map<int, Revision> by_number;
  for (const MigrationFile& file : files) {
    const Status added = add_file(by_number, file);
    if (!added) return fail(added.error().code, std::string(file.name) + ": " + added.error().message);
  }
  std::vector<Revision> revisions;
  for (auto& [number, revision] : by_number) {
    if (number != static_cast<int>(revisions.size()) + 1) {
      return fail(ErrorCode::invalid_input, revision.id() + ": the revision before it is missing");
    }
    if (revision.up.empty() || revision.down.empty() || revision.verify.empty()) {
      return fail(ErrorCode::invalid_input, revision.id() + ": needs an up, a down and a verify file");
    }
    revisions.push_back(std::move(revision));
  }
  return revisions;
}

}  // namespace vivid::sync
