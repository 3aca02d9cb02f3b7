#include "render/package/language_code.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vivid::render {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<Pair, 68> kLanguages{{
    {"af", "afr"}, {"am", "amh"}, {"ar", "ara"}, {"az", "aze"}, {"be", "bel"}, {"bg", "bul"}, {"bn", "ben"},
    {"bs", "bos"}, {"ca", "cat"}, {"cs", "ces"}, {"cy", "cym"}, {"da", "dan"}, {"de", "deu"}, {"el", "ell"},
    {"en", "eng"}, {"eo", "epo"}, {"es", "spa"}, {"et", "est"}, {"eu", "eus"}, {"fa", "fas"}, {"fi", "fin"},
    {"fr", "fra"}, {"ga", "gle"}, {"gl", "glg"}, {"gu", "guj"}, {"he", "heb"}, {"hi", "hin"}, {"hr", "hrv"},
    {"ht", "hat"}, {"hu", "hun"}, {"hy", "hye"}, {"id", "ind"}, {"is", "isl"}, {"it", "ita"}, {"ja", "jpn"},
    {"ka", "kat"}, {"kk", "kaz"}, {"kn", "kan"}, {"ko", "kor"}, {"la", "lat"}, {"lt", "lit"}, {"lv", "lav"},
    {"mk", "mkd"}, {"ml", "mal"}, {"mr", "mar"}, {"ms", "msa"}, {"ne", "nep"}, {"nl", "nld"}, {"no", "nor"},
    {"pa", "pan"}, {"pl", "pol"}, {"pt", "por"}, {"ro", "ron"}, {"ru", "rus"}, {"sk", "slk"}, {"sl", "slv"},
    {"sq", "sqi"}, {"sr", "srp"}, {"sv", "swe"}, {"sw", "swa"}, {"ta", "tam"}, {"te", "tel"}, {"th", "tha"},
    {"tr", "tur"}, {"uk", "ukr"}, {"ur", "urd"}, {"vi", "vie"}, {"zh", "zho"},
}};
static_assert(std::is_sorted(kLanguages.begin(), kLanguages.end()));

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

std::string iso_639_2(std::string_view bcp47) {
  std::string language(bcp47.substr(0, bcp47.find_first_of("-_")));
  for (char& c : language) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  // A language without a two-letter code is tagged with its three letters.
  if (language.size() == 3 && std::all_of(language.begin(), language.end(), is_letter)) return language;
  const auto* found = std::lower_bound(kLanguages.begin(), kLanguages.end(), language,
                                       [](const Pair& pair, const std::string& wanted) { return pair.first < wanted; });
  return found != kLanguages.end() && found->first == language ? std::string(found->second) : "und";
}

}  // namespace vivid::render
