#include "render/storyboard/math_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr std::array<Entry, 98> kSymbols{{
    {"alpha", "α"},
    {"beta", "β"},
    {"gamma", "γ"},
    {"delta", "δ"},
    {"epsilon", "ϵ"},
    {"varepsilon", "ε"},
    {"zeta", "ζ"},
    {"eta", "η"},
    {"theta", "θ"},
    {"vartheta", "ϑ"},
    {"iota", "ι"},
    {"kappa", "κ"},
    {"lambda", "λ"},
    {"mu", "μ"},
    {"nu", "ν"},
    {"xi", "ξ"},
    {"pi", "π"},
    {"rho", "ρ"},
    {"sigma", "σ"},
    {"tau", "τ"},
    {"upsilon", "υ"},
    {"phi", "φ"},
    {"varphi", "ϕ"},
    {"chi", "χ"},
    {"psi", "ψ"},
    {"omega", "ω"},
    {"Gamma", "Γ"},
    {"Delta", "Δ"},
    {"Theta", "Θ"},
    {"Lambda", "Λ"},
    {"Xi", "Ξ"},
    {"Pi", "Π"},
    {"Sigma", "Σ"},
    {"Upsilon", "Υ"},
    {"Phi", "Φ"},
    {"Psi", "Ψ"},
    {"Omega", "Ω"},
    {"times", " × "},
    {"cdot", " · "},
    {"div", " ÷ "},
    {"pm", " ± "},
    {"mp", " ∓ "},
    {"leq", " ≤ "},
    {"le", " ≤ "},
    {"geq", " ≥ "},
    {"ge", " ≥ "},
    {"neq", " ≠ "},
    {"ne", " ≠ "},
    {"approx", " ≈ "},
    {"sim", " ∼ "},
    {"equiv", " ≡ "},
    {"propto", " ∝ "},
    {"infty", "∞"},
    {"partial", "∂"},
    {"nabla", "∇"},
    {"sum", "∑"},
    {"prod", "∏"},
    {"int", "∫"},
    {"oint", "∮"},
    {"to", " → "},
    {"rightarrow", " → "},
    {"leftarrow", " ← "},
    {"Rightarrow", " ⇒ "},
    {"Leftarrow", " ⇐ "},
    {"leftrightarrow", " ↔ "},
    {"Leftrightarrow", " ⇔ "},
    {"iff", " ⇔ "},
    {"implies", " ⇒ "},
    {"rightleftharpoons", " ⇌ "},
    {"uparrow", "↑"},
    {"downarrow", "↓"},
    {"in", " ∈ "},
    {"notin", " ∉ "},
    {"subset", " ⊂ "},
    {"subseteq", " ⊆ "},
    {"cup", " ∪ "},
    {"cap", " ∩ "},
    {"emptyset", "∅"},
    {"forall", "∀"},
    {"exists", "∃"},
    {"angle", "∠"},
    {"perp", " ⊥ "},
    {"parallel", " ∥ "},
    {"circ", "∘"},
    {"degree", "°"},
    {"prime", "′"},
    {"ldots", "…"},
    {"cdots", "⋯"},
    {"dots", "…"},
    {"hbar", "ℏ"},
    {"ell", "ℓ"},
    {"quad", "\u2003"},
    {"qquad", "\u2003\u2003"},
    {"langle", "⟨"},
    {"rangle", "⟩"},
    {"vert", "|"},
    {"mid", " | "},
    {"star", "⋆"},
}};

constexpr std::array<Entry, 7> kAccents{{
    {"vec", kVectorMark},
    {"overrightarrow", kVectorMark},
    {"hat", "\u0302"},
    {"bar", "\u0304"},
    {"overline", "\u0304"},
    {"dot", "\u0307"},
    {"tilde", "\u0303"},
}};

constexpr std::array<std::string_view, 22> kFunctions{
    "sin", "cos", "tan", "cot",    "sec",    "csc",    "log",  "ln",   "exp",  "lim", "max",
    "min", "det", "gcd", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "mod", "deg"};

// Only say how things are set, which the markup here does by itself.
constexpr std::array<std::string_view, 12> kSilent{"left", "right", "displaystyle", "textstyle", "limits", "big",
                                                   "Big",  "bigl",  "bigr",         "nonumber",  "middle", "rm"};

constexpr int kMaxDepth = 24;

template <std::size_t N>
const std::string_view* find_in(const std::array<Entry, N>& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Entry& entry) { return entry.first == name; });
  return found == table.end() ? nullptr : &found->second;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string upright(std::string_view text) { return "<span style=\"normal\">" + std::string(text) + "</span>"; }

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (static_cast<unsigned char>(c) >= 0x20U) {
      out += c;
    }
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source) {}

  std::string read_all() {
    std::string out;
    while (position_ < source_.size()) out += read_until(false);
    return out;
  }

 private:
  bool at_end() const { return position_ >= source_.size(); }
  char peek() const { return at_end() ? '\0' : source_[position_]; }

  std::string read_until(bool closing_brace) {
    std::string out;
    while (!at_end()) {
      if (peek() == ' ' && sign_follows()) {
        ++position_;
        continue;
      }
      if (peek() == '}') {
        ++position_;
        if (closing_brace) return out;
        continue;
      }
      out += read_atom();
    }
    return out;
  }

  // A space before a command whose symbol begins with one.
  bool sign_follows() const {
    const std::size_t slash = source_.find_first_not_of(' ', position_);
    if (slash == std::string_view::npos || source_[slash] != '\\') return false;
    std::size_t end = slash + 1;
    while (end < source_.size() && is_letter(source_[end])) ++end;
    const auto* symbol = find_in(kSymbols, source_.substr(slash + 1, end - slash - 1));
    return symbol != nullptr && symbol->starts_with(' ');
  }

  // A group in braces, or the next single thing.
  std::string read_argument() {
    while (peek() == ' ') ++position_;
    if (at_end()) return {};
    return read_atom();
  }

  std::string read_atom() {
    if (depth_ >= kMaxDepth) return escaped(std::string(1, source_[position_++]));
    ++depth_;
    std::string atom = read_atom_inner();
    --depth_;
    return atom;
  }

  std::string read_atom_inner() {
    const char c = source_[position_];
    if (c == '{') {
      ++position_;
      return read_until(true);
    }
    if (c == '\\') return read_command();
    if (c == '^' || c == '_') return read_script(c);
    if (c == '$' || c == '~') {
      ++position_;
      return c == '~' ? " " : "";
    }
    if (is_letter(c)) {
      ++position_;
      return std::string(1, c);
    }
    return read_plain();
  }

  // Scripts in a row (x_1^2) are set one behind the other.
  std::string read_script(char mark) {
    ++position_;
    const std::string argument = read_argument();
    if (argument.empty()) return {};
    const char* rise = mark == '^' ? "superscript" : "subscript";
    return std::string("<span font_scale=\"") + rise + "\" baseline_shift=\"" + rise + "\">" + argument + "</span>";
  }

  std::string read_plain() {
    const char c = source_[position_];
    if (c == '-') {
      ++position_;
      return upright("−");
    }
    if (c == '*') {
      ++position_;
      return upright(" · ");
    }
    std::size_t end = position_ + 1;
    while (end < source_.size() && (static_cast<unsigned char>(source_[end]) & 0xc0U) == 0x80U) ++end;
    const std::string_view text = source_.substr(position_, end - position_);
    position_ = end;
    return text == " " || text == "\n" ? std::string(text) : upright(escaped(text));
  }

  std::string read_command() {
    ++position_;
    if (at_end()) return {};
    if (!is_letter(peek())) return read_escape();
    const std::size_t begin = position_;
    while (is_letter(peek())) ++position_;
    const std::string_view name = source_.substr(begin, position_ - begin);
    if (const auto* symbol = find_in(kSymbols, name)) {
      // A sign between two things brings its own spaces.
      while (symbol->ends_with(' ') && peek() == ' ') ++position_;
      return upright(*symbol);
    }
    if (const auto* accent = find_in(kAccents, name)) return accented(read_argument(), *accent);
    if (name == "frac" || name == "dfrac" || name == "tfrac") return read_fraction();
    if (name == "sqrt") return read_root();
    if (name == "text" || name == "mathrm" || name == "operatorname" || name == "textrm" || name == "mathbf" ||
        name == "mathit" || name == "boldsymbol") {
      return read_words(name == "mathbf" || name == "boldsymbol");
    }
    if (std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end()) {
      return upright(std::string(name)) + "\u2009";
    }
    if (std::find(kSilent.begin(), kSilent.end(), name) != kSilent.end()) return {};
    return upright(escaped(name));
  }

  std::string read_escape() {
    const char c = source_[position_];
    if (c == ',' || c == ';' || c == ':' || c == ' ') {
      ++position_;
      return "\u2009";
    }
    if (c == '!') {
      ++position_;
      return {};
    }
    if (c == '\\') {
      ++position_;
      return "\n";
    }
    if (c == '{' || c == '}' || c == '$' || c == '_' || c == '^') {
      ++position_;
      return upright(std::string(1, c));
    }
    return read_plain();
  }

  static std::string accented(const std::string& base, std::string_view mark) {
    if (base.empty()) return {};
    if (mark == kVectorMark) return std::string(mark) + base;
    // The mark belongs on the first letter; on more than one it would sit in the middle of nowhere.
    if (is_letter(base.front())) return base.substr(0, 1) + std::string(mark) + base.substr(1);
    return base + std::string(mark);
  }

  // One number, letter or word: as part of a fraction it needs no brackets.
  static bool is_simple(const std::string& part) {
    bool in_tag = false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] == '<') in_tag = true;
      const bool joins = part[i] == ' ' || part[i] == '+' || part[i] == '=' || part.compare(i, 3, "−") == 0;
      if (!in_tag && joins) return false;
      if (part[i] == '>') in_tag = false;
    }
    return true;
  }

  std::string read_fraction() {
    const std::string above = read_argument();
    const std::string below = read_argument();
    const auto wrapped = [](const std::string& part) {
      return is_simple(part) ? part : upright("(") + part + upright(")");
    };
    return wrapped(above) + upright("\u2009/\u2009") + wrapped(below);
  }

  std::string read_root() {
    std::string degree;
    if (peek() == '[') {
      ++position_;
      const std::size_t end = std::min(source_.find(']', position_), source_.size());
      degree = "<sup>" + escaped(source_.substr(position_, end - position_)) + "</sup>";
      position_ = std::min(end + 1, source_.size());
    }
    const std::string inside = read_argument();
    return degree + upright("√") + (is_simple(inside) ? inside : upright("(") + inside + upright(")"));
  }

  std::string read_words(bool bold) {
    if (peek() != '{') return read_argument();
    ++position_;
    std::size_t end = position_;
    int depth = 1;
    while (end < source_.size() && depth > 0) {
      if (source_[end] == '{') ++depth;
      if (source_[end] == '}') --depth;
      ++end;
    }
    const bool closed = depth == 0;
    const std::string words = escaped(source_.substr(position_, end - position_ - (closed ? 1 : 0)));
    position_ = end;
    return bold ? "<b>" + words + "</b>" : upright(words);
  }

  std::string_view source_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

struct Raised {
  std::string_view plain;
  std::string_view above;
  std::string_view below;
};
constexpr std::array<Raised, 20> kRaised{{{"0", "⁰", "₀"}, {"1", "¹", "₁"}, {"2", "²", "₂"}, {"3", "³", "₃"},
                                          {"4", "⁴", "₄"}, {"5", "⁵", "₅"}, {"6", "⁶", "₆"}, {"7", "⁷", "₇"},
                                          {"8", "⁸", "₈"}, {"9", "⁹", "₉"}, {"+", "⁺", "₊"}, {"−", "⁻", "₋"},
                                          {"n", "ⁿ", "ₙ"}, {"i", "ⁱ", "ᵢ"}, {"x", "ˣ", "ₓ"}, {"a", "ᵃ", "ₐ"},
                                          {"e", "ᵉ", "ₑ"}, {"t", "ᵗ", "ₜ"}, {"m", "ᵐ", "ₘ"}, {"k", "ᵏ", "ₖ"}}};

// Every character of it raised or lowered; empty where there is one that has no such form, and for words.
std::string raised(std::string_view text, bool above) {
  std::string out;
  const auto letters = std::count_if(text.begin(), text.end(), is_letter);
  if (letters > 1) return {};
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = code_point_at(text, at).length;
    const auto known = std::find_if(kRaised.begin(), kRaised.end(),
                                    [&](const Raised& row) { return row.plain == text.substr(at, length); });
    if (known == kRaised.end()) return {};
    out += above ? known->above : known->below;
    at += length;
  }
  return out;
}

std::string as_script(std::string_view text, bool above) {
  if (std::string small = raised(text, above); !small.empty()) return small;
  if (text == "∘" || text == "°") return "°";
  if (text == "′") return "′";
  const bool short_one = count_code_points(text) == 1 || (!above && text.find(' ') == std::string_view::npos);
  return (above ? "^" : "_") + (short_one ? std::string(text) : "(" + std::string(text) + ")");
}

// Markup without its tags, up to the end of the span that is open; returns what follows that.
std::string_view append_plain(std::string_view markup, std::string& out) {
  while (!markup.empty()) {
    if (markup.starts_with("</")) return markup.substr(std::min(markup.find('>') + 1, markup.size()));
    if (markup.front() == '<') {
      const std::size_t end = markup.find('>') + 1;
      const std::string_view tag = markup.substr(0, end);
      std::string inner;
      markup = append_plain(markup.substr(end), inner);
      const bool above = tag.find("superscript") != std::string_view::npos || tag == "<sup>";
      const bool below = tag.find("subscript") != std::string_view::npos;
      out += above || below ? as_script(inner, above) : inner;
      continue;
    }
    bool taken = false;
    for (const auto& [name, letter] :
         {Entry{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {kVectorMark, ""}, {"\u2009/\u2009", "/"}}) {
      if (taken || !markup.starts_with(name)) continue;
      out += letter;
      markup.remove_prefix(name.size());
      taken = true;
    }
    if (taken) continue;
    out += markup.front() == '\n' ? ' ' : markup.front();
    markup.remove_prefix(1);
  }
  return markup;
}

}  // namespace

std::string math_markup(std::string_view source) { return Reader(source).read_all(); }

std::string math_plain(std::string_view source) {
  std::string out;
  const std::string markup = math_markup(source);
  append_plain(markup, out);
  return std::string(trimmed(out));
}

}  // namespace vivid::render
