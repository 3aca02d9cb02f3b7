#include "render/speech/spoken_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "render/speech/words.h"
#include "render/storyboard/characters.h"
#include "render/storyboard/language.h"

namespace vivid::render {
namespace {

constexpr std::size_t kLanguages = 6;
constexpr std::array<std::string_view, kLanguages> kLanguageOrder{"en", "es", "fr", "de", "pt", "it"};

struct SymbolRow {
  char32_t symbol;
  std::array<std::string_view, kLanguages> names;
};

constexpr std::array<SymbolRow, 15> kSymbols{{
    {0x2192, {"yields", "produce", "donne", "ergibt", "produz", "produce"}},
    {0x21cc,
     {"in equilibrium with", "en equilibrio con", "en équilibre avec", "im Gleichgewicht mit", "em equilíbrio com",
      "in equilibrio con"}},
    {0x2212, {"minus", "menos", "moins", "minus", "menos", "meno"}},
    {'=', {"equals", "igual a", "égale", "gleich", "igual a", "uguale a"}},
    {'+', {"plus", "más", "plus", "plus", "mais", "più"}},
    {'/', {"over", "entre", "sur", "durch", "sobre", "fratto"}},
    {0xd7, {"times", "por", "fois", "mal", "vezes", "per"}},
    {0x22c5, {"times", "por", "fois", "mal", "vezes", "per"}},
    {0xf7, {"divided by", "dividido por", "divisé par", "geteilt durch", "dividido por", "diviso"}},
    {0x2248,
     {"is about", "es aproximadamente", "environ égal à", "ungefähr gleich", "é aproximadamente", "circa uguale a"}},
    {0x2260, {"is not equal to", "no es igual a", "différent de", "ungleich", "diferente de", "diverso da"}},
    {0x2264,
     {"is at most", "menor o igual que", "inférieur ou égal à", "kleiner gleich", "menor ou igual a",
      "minore o uguale a"}},
    {0x2265,
     {"is at least", "mayor o igual que", "supérieur ou égal à", "größer gleich", "maior ou igual a",
      "maggiore o uguale a"}},
    {0x221a,
     {"the square root of", "la raíz cuadrada de", "racine carrée de", "Wurzel aus", "raiz quadrada de",
      "radice quadrata di"}},
    {0xb2, {"squared", "al cuadrado", "au carré", "hoch zwei", "ao quadrado", "al quadrato"}},
}};

constexpr std::string_view kElements =
    " H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Ti V Cr Mn Fe Co Ni Cu Zn Br Ag Sn I Ba Au Hg Pb U ";

std::optional<std::string_view> name_of(char32_t symbol, std::string_view language) {
  const auto* column = std::find(kLanguageOrder.begin(), kLanguageOrder.end(), primary_language(language));
  if (column == kLanguageOrder.end()) return std::nullopt;
  for (const SymbolRow& row : kSymbols) {
    if (row.symbol == symbol) return row.names[static_cast<std::size_t>(column - kLanguageOrder.begin())];
  }
  return std::nullopt;
}

std::optional<char> subscript_digit(char32_t c) {
  if (c >= 0x2080 && c <= 0x2089) return static_cast<char>('0' + (c - 0x2080));
  return std::nullopt;
}

bool is_ascii_digit(char32_t c) { return c >= '0' && c <= '9'; }

// Two or more element symbols or counts, at least one count, brackets and a charge allowed: H2O, C₆H₁₂O₆, Ca(OH)₂.
bool is_formula(std::string_view word) {
  bool counted = false;
  bool element = false;
  for (std::size_t at = 0; at < word.size();) {
    const CodePoint c = code_point_at(word, at);
    if (c.value >= 'A' && c.value <= 'Z') {
      const bool two = at + 1 < word.size() && word[at + 1] >= 'a' && word[at + 1] <= 'z';
      const std::string symbol = " " + std::string(word.substr(at, two ? 2 : 1)) + " ";
      if (kElements.find(symbol) == std::string_view::npos) return false;
      element = true;
      at += two ? 2 : 1;
      continue;
    }
    if (is_ascii_digit(c.value) || subscript_digit(c.value).has_value()) {
      if (!element) return false;
      counted = true;
    } else if (c.value != '(' && c.value != ')') {
      return false;
    }
    at += c.length;
  }
  return counted;
}

class Writer {
 public:
  explicit Writer(std::string_view language) : language_(language) {}

  void put(char32_t c, std::size_t origin) {
    append_utf8(out_.text, c);
    out_.origins.push_back(origin);
  }
  void put(std::string_view text, std::size_t origin) {
    for (std::size_t at = 0; at < text.size();) {
      const CodePoint c = code_point_at(text, at);
      put(c.value, origin);
      at += c.length;
    }
  }
  // Parts words without piling up spaces.
  void space(std::size_t origin) {
    if (!out_.text.empty() && !out_.text.ends_with(' ')) put(U' ', origin);
  }

  void formula(std::string_view word, std::size_t origin) {
    bool digits = false;
    for (std::size_t at = 0; at < word.size();) {
      const CodePoint c = code_point_at(word, at);
      const auto subscript = subscript_digit(c.value);
      const bool digit = subscript.has_value() || is_ascii_digit(c.value);
      if (!(digit && digits)) space(origin + at);
      if (c.value != '(' && c.value != ')') {
        // Letters are spelled: a lone small one would be read as a word.
        const bool small = c.value >= 'a' && c.value <= 'z';
        put(subscript.has_value() ? static_cast<char32_t>(*subscript)
            : small               ? c.value - 'a' + 'A'
                                  : c.value,
            origin + at);
      }
      digits = digit;
      at += c.length;
    }
  }

  void plain(std::string_view written, std::size_t begin, std::size_t end) {
    bool subscripts = false;
    for (std::size_t at = begin; at < end;) {
      const CodePoint c = code_point_at(written, at);
      const auto subscript = subscript_digit(c.value);
      if (subscript.has_value()) {
        if (!subscripts) space(at);
        put(static_cast<char32_t>(*subscript), at);
      } else if (const auto name = operator_name(written, at, c); name.has_value()) {
        space(at);
        put(*name, at);
        space(at);
      } else if (is_space(c.value)) {
        space(at);
      } else {
        put(c.value, at);
      }
      subscripts = subscript.has_value();
      at += c.length;
    }
  }

  SpokenText take() { return std::move(out_); }

 private:
  // A slash or plus within a word ("and/or", "C++") is no operator: those stand alone, between spaces or brackets.
  std::optional<std::string_view> operator_name(std::string_view written, std::size_t at, CodePoint c) const {
    if (c.value == '/' || c.value == '+') {
      const bool alone = at > 0 && written[at - 1] == ' ' && at + 1 < written.size() && written[at + 1] == ' ';
      if (!alone) return std::nullopt;
    }
    return name_of(c.value, language_);
  }

  std::string_view language_;
  SpokenText out_;
};

// The formula within a word: what punctuation surrounds is left off.
WordSpan without_punctuation(std::string_view text, WordSpan word) {
  constexpr std::string_view kBefore = "([\"'";
  constexpr std::string_view kAfter = ".,;:!?]\"'";
  while (word.length > 0 && kBefore.find(text[word.offset]) != std::string_view::npos) {
    ++word.offset;
    --word.length;
  }
  while (word.length > 0 && kAfter.find(text[word.offset + word.length - 1]) != std::string_view::npos) --word.length;
  return word;
}

}  // namespace

SpokenText to_spoken(std::string_view written, std::string_view language) {
  Writer writer(language);
  std::size_t done = 0;
  for (const WordSpan& word : split_words(written)) {
    const WordSpan core = without_punctuation(written, word);
    const std::string_view text = written.substr(core.offset, core.length);
    if (!is_formula(text)) continue;
    writer.plain(written, done, core.offset);
    writer.formula(text, core.offset);
    done = core.offset + core.length;
  }
  writer.plain(written, done, written.size());
  return writer.take();
}

}  // namespace vivid::render
