#include "render/equations/typesetter.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <system_error>

#include "base/digest.h"
#include "base/files.h"
#include "base/utf8.h"
#include "render/equations/child_program.h"
#include "render/equations/drawing_cache.h"

namespace vivid::render {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMostPackageFileBytes = 256U << 10;
constexpr std::size_t kMostShownBytes = 60;
constexpr std::size_t kMostProblems = 20;
constexpr double kMostEm = 500.0;
constexpr const char* kDriver = "typeset.cjs";
// What decides on the drawings, beside the formula.
constexpr const char* kPackageFiles[] = {kDriver, "node_modules/mathjax-full/package.json",
                                         "node_modules/mhchemparser/package.json"};

std::string digest_of(std::string_view text) {
  Sha256 sum;
  sum.update(std::as_bytes(std::span(text)));
  return sum.finish_hex();
}

// A hash of the package; empty: it is not whole.
std::string version_of(const fs::path& package) {
  std::string all;
  for (const char* name : kPackageFiles) {
    const auto text = read_file(package / name, kMostPackageFileBytes);
    if (!text.has_value()) return {};
    all += digest_of(*text);
  }
  return digest_of(all);
}

std::string question(const Formula& formula, double widest_em) {
  json line{{"tex", formula.tex}, {"display", formula.display}};
  if (formula.display) line["widest_em"] = widest_em;
  return line.dump();
}

std::string shown(const Formula& formula) {
  std::string text(cut_between_characters(formula.tex, kMostShownBytes));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return "\"" + text + (text.size() < formula.tex.size() ? "…\"" : "\"");
}

// The typesetter writes neither; whoever put something else into the cache or the package gets nothing drawn.
bool is_plain(const std::string& svg) {
  if (!svg.starts_with("<svg ") || !svg.ends_with("</svg>")) return false;
  constexpr std::string_view kRefused[] = {"<!", "<?", "href", "url(", "<script", "<style", "<image", "<foreign"};
  return std::none_of(std::begin(kRefused), std::end(kRefused),
                      [&](std::string_view word) { return svg.find(word) != std::string::npos; });
}

struct Answer {
  std::optional<Drawing> drawing;
  std::string error;
  bool is_one = true;  // of the typesetter: a drawing, or why there is none
};

Answer refused() { return {std::nullopt, "what came back is no drawing", false}; }

Answer read_answer(const std::string& line) {
  const json answer = json::parse(line, nullptr, false);
  if (!answer.is_object()) return refused();
  const auto error = answer.find("error");
  if (error != answer.end() && error->is_string()) return {std::nullopt, error->get<std::string>()};
  const auto svg = answer.find("svg");
  if (svg == answer.end() || !svg->is_string()) return refused();
  Drawing drawing;
  drawing.svg = svg->get<std::string>();
  const auto number = [&answer](const char* name, double& value) {
    const auto found = answer.find(name);
    if (found == answer.end() || !found->is_number()) return false;
    value = found->get<double>();
    return value >= -kMostEm && value <= kMostEm;
  };
  const bool whole = number("width", drawing.width_em) && number("height", drawing.height_em) &&
                     number("depth", drawing.depth_em) && number("room", drawing.room_em);
  const bool has_size = drawing.width_em > 0.0 && drawing.height_em + drawing.depth_em > 0.0 && drawing.room_em >= 0.0;
  if (!whole || !has_size || !is_plain(drawing.svg)) return refused();
  drawing.identity = digest_of(line);
  return {std::move(drawing), {}};
}

class Typesetter {
 public:
  Typesetter(double widest_em, const EquationOptions& options)
      : widest_em_(widest_em),
        options_(options),
        package_(options.package.empty() ? usual_equation_package() : options.package),
        cache_(options.cache),
        version_(version_of(package_)) {}

  SetFormulas run(const std::vector<Formula>& formulas) {
    std::vector<Formula> open;
    for (const Formula& formula : formulas) {
      if (!seen_.insert(formula).second || !is_acceptable(formula)) continue;
      const auto kept = version_.empty() ? std::nullopt : cache_.find(key_of(formula));
      if (kept) {
        take(formula, *kept);
      } else {
        open.push_back(formula);
      }
    }
    if (!open.empty()) ask(open);
    return std::move(result_);
  }

 private:
  std::string key_of(const Formula& formula) const { return digest_of(version_ + question(formula, widest_em_)); }

  bool is_acceptable(const Formula& formula) {
    if (seen_.size() > kMostFormulas) {
      if (seen_.size() == kMostFormulas + 1) {
        tell("only the first " + std::to_string(kMostFormulas) + " equations of a lesson are set");
      }
      return false;
    }
    if (formula.tex.size() <= kMostTexBytes && is_valid_utf8(formula.tex)) return true;
    tell("equation " + shown(formula) + " is not set: more than " + std::to_string(kMostTexBytes) + " bytes");
    return false;
  }

  // False: the line is no answer at all.
  bool take(const Formula& formula, const std::string& line) {
    Answer answer = read_answer(line);
    if (answer.drawing) {
      result_.book.add(formula, std::move(*answer.drawing));
    } else {
      tell("equation " + shown(formula) + " is not set: " + answer.error);
    }
    return answer.is_one;
  }

  void ask(const std::vector<Formula>& formulas) {
    if (version_.empty()) {
      return tell("equations are shown as text: there is no typesetter in " + package_.string());
    }
    ChildProgram child;
    child.program = options_.command;
    // No code is made while it runs, so that it may run where memory is either written or executed.
    child.arguments = {"--jitless", "--max-old-space-size=256", (package_ / kDriver).string()};
    child.time_limit = options_.time_limit;
    for (const Formula& formula : formulas) child.input += question(formula, widest_em_) + "\n";
    auto outcome = run_child(child);
    if (!outcome.has_value()) return tell("equations are shown as text: " + outcome.error().message);
    const std::size_t answered = take_all(formulas, outcome->output);
    if (answered == formulas.size()) return;
    std::string why = outcome->problem.empty() ? "it said too little" : outcome->problem;
    if (!outcome->complaint.empty()) why += " (" + last_line(outcome->complaint) + ")";
    tell(std::to_string(formulas.size() - answered) + " equations are shown as text: the typesetter failed, " + why);
  }

  // A line that was not finished is no answer.
  std::size_t take_all(const std::vector<Formula>& formulas, const std::string& output) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < formulas.size(); ++i) {
      const std::size_t end = output.find('\n', begin);
      if (end == std::string::npos) return i;
      const std::string line = output.substr(begin, end - begin);
      begin = end + 1;
      if (line.size() > kMostAnswerBytes) {
        tell("equation " + shown(formulas[i]) + " is not set: its drawing is too large");
        continue;
      }
      // What another program says in its place must not stay.
      if (take(formulas[i], line)) cache_.put(key_of(formulas[i]), line);
    }
    return formulas.size();
  }

  static std::string last_line(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    const std::size_t begin = text.rfind('\n');
    std::string line(begin == std::string_view::npos ? text : text.substr(begin + 1));
    return is_valid_utf8(line) ? line : std::string("what it says is no text");
  }

  void tell(std::string problem) {
    if (result_.problems.size() < kMostProblems) result_.problems.push_back(std::move(problem));
  }

  double widest_em_;
  const EquationOptions& options_;
  fs::path package_;
  DrawingCache cache_;
  std::string version_;
  std::set<Formula> seen_;
  SetFormulas result_;
};

}  // namespace

SetFormulas set_formulas(const std::vector<Formula>& formulas, double widest_em, const EquationOptions& options) {
  if (formulas.empty() || options.command.empty()) return {};
  return Typesetter(widest_em, options).run(formulas);
}

fs::path usual_equation_package() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path() / "share" / "vividd" / "tex";
}

}  // namespace vivid::render
