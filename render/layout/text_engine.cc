#include "render/layout/text_engine.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "render/layout/formula_art.h"
#include "render/layout/typography.h"
#include "render/storyboard/math_text.h"

namespace vivid::render {
namespace {

struct Unref {
  void operator()(void* object) const noexcept { g_object_unref(object); }
};
using LayoutPtr = std::unique_ptr<PangoLayout, Unref>;

double to_px(int pango_units) { return static_cast<double>(pango_units) / PANGO_SCALE; }

// Han characters look different in each country: the language decides which drawing is used.
std::string_view cjk_region(std::string_view language) {
  if (language.starts_with("ja")) return "JP";
  if (language.starts_with("ko")) return "KR";
  if (language.starts_with("zh-Hant") || language.starts_with("zh-TW")) return "TC";
  if (language.starts_with("zh-HK")) return "HK";
  return "SC";
}

std::string family_list(FontRole role, std::string_view language) {
  const bool serif = role == FontRole::serif || role == FontRole::display_serif;
  const std::string style = serif ? "Serif" : "Sans";
  std::string families;
  if (role == FontRole::display || role == FontRole::display_serif) families = "Noto " + style + " Display,";
  families += "Noto " + style;
  families += serif ? ",Noto Naskh Arabic" : ",Noto Sans Arabic";
  for (const std::string_view script : {" Hebrew", " Devanagari", " Thai"}) {
    families.append(",Noto ").append(style).append(script);
  }
  families.append(",Noto ").append(style).append(" CJK ").append(cjk_region(language));
  return families + ",Noto Sans Math,Noto Sans Symbols,Noto Sans Symbols2";
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// Pango aligns a paragraph by its own direction; a page has one leading edge for all of them.
PangoAlignment alignment_for(std::string_view text, const TextStyle& style) {
  if (style.align == Align::center) return PANGO_ALIGN_CENTER;
  return is_rtl_text(text) == style.rtl ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT;
}

// True if a line ends where no line should: inside a word that is wider than the box.
bool breaks_inside_word(PangoLayout* layout) {
  int attribute_count = 0;
  const PangoLogAttr* attributes = pango_layout_get_log_attrs_readonly(layout, &attribute_count);
  const char* text = pango_layout_get_text(layout);
  for (int i = 1; i < pango_layout_get_line_count(layout); ++i) {
    const PangoLayoutLine* line = pango_layout_get_line_readonly(layout, i);
    const long position = g_utf8_pointer_to_offset(text, text + line->start_index);
    if (position > 0 && position < attribute_count && !attributes[position].is_line_break) return true;
  }
  return false;
}

bool is_rtl_script(gunichar letter) {
  switch (g_unichar_get_script(letter)) {
    case G_UNICODE_SCRIPT_ARABIC:
    case G_UNICODE_SCRIPT_HEBREW:
    case G_UNICODE_SCRIPT_SYRIAC:
    case G_UNICODE_SCRIPT_THAANA:
    case G_UNICODE_SCRIPT_NKO:
    case G_UNICODE_SCRIPT_ADLAM:
      return true;
    default:
      return false;
  }
}

// No text font places U+20D7 well: the arrow over a vector is drawn above the letter that follows kVectorMark.
void draw_vector_arrows(cairo_t* cairo, PangoLayout* layout, const Element& element) {
  const std::string_view text = pango_layout_get_text(layout);
  for (std::size_t at = text.find(kVectorMark); at != std::string_view::npos; at = text.find(kVectorMark, at + 1)) {
    PangoRectangle letter;
    pango_layout_index_to_pos(layout, static_cast<int>(at + kVectorMark.size()), &letter);
    const double size = element.style.size_px;
    const double lean = size * 0.09;  // an italic letter's top is to the right of its foot
    const double left = element.box.x + to_px(std::min(letter.x, letter.x + letter.width)) + lean;
    const double right = left + std::max(to_px(std::abs(letter.width)), size * 0.4);
    const double y = element.box.y + to_px(letter.y) + to_px(letter.height) * 0.17;
    const double head = size * 0.09;
    cairo_set_line_width(cairo, size * 0.042);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_move_to(cairo, left, y);
    cairo_line_to(cairo, right, y);
    cairo_move_to(cairo, right - head, y - head * 0.8);
    cairo_line_to(cairo, right, y);
    cairo_line_to(cairo, right - head, y + head * 0.8);
    cairo_stroke(cairo);
  }
}

}  // namespace

bool is_rtl_text(std::string_view text) {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; at = g_utf8_find_next_char(at, end)) {
    const gunichar letter = g_utf8_get_char_validated(at, end - at);
    if (letter < 0x110000U && g_unichar_isalpha(letter) != FALSE) return is_rtl_script(letter);
    if (g_utf8_find_next_char(at, end) == nullptr) break;
  }
  return false;
}

bool is_rtl_language(std::string_view language) {
  constexpr std::array<std::string_view, 10> kRtl{"ar", "he", "iw", "fa", "ur", "yi", "ps", "sd", "ug", "dv"};
  const std::string_view primary = language.substr(0, language.find_first_of("-_"));
  return std::find(kRtl.begin(), kRtl.end(), primary) != kRtl.end();
}

struct TextEngine::Parts {
  std::unique_ptr<PangoFontMap, Unref> fonts{pango_cairo_font_map_new()};
  std::unique_ptr<PangoContext, Unref> context;
  std::string language;
  FormulaTable formulas;

  // Markup is set as it is.
  Typeset typeset_of(std::string_view text, bool markup) const {
    return markup ? Typeset{std::string(trim_end(text)), {}} : typeset(trim_end(text), language);
  }

  LayoutPtr layout(const std::string& shown, bool markup, const TextStyle& style, double width) const {
    LayoutPtr layout(pango_layout_new(context.get()));
    if (markup) {
      pango_layout_set_markup(layout.get(), shown.data(), static_cast<int>(shown.size()));
    } else {
      pango_layout_set_text(layout.get(), shown.data(), static_cast<int>(shown.size()));
    }
    PangoFontDescription* font = pango_font_description_new();
    pango_font_description_set_family(font, family_list(style.font, language).c_str());
    pango_font_description_set_absolute_size(font, style.size_px * PANGO_SCALE);
    pango_font_description_set_weight(font, static_cast<PangoWeight>(style.weight));
    pango_font_description_set_style(font, style.italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango_layout_set_font_description(layout.get(), font);
    pango_font_description_free(font);
    pango_layout_set_width(layout.get(), static_cast<int>(width * PANGO_SCALE));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout.get(), static_cast<float>(style.line_spacing));
    pango_layout_set_alignment(layout.get(), alignment_for(pango_layout_get_text(layout.get()), style));
    if (!markup) make_room_for_formulas(layout.get(), formulas, style.size_px, width);
    return layout;
  }
};

TextEngine::TextEngine(std::string_view language, FormulaTable formulas) : parts_(std::make_unique<Parts>()) {
  Parts& parts = *parts_;
  parts.formulas = std::move(formulas);
  parts.language = std::string(language);
  // 72 points an inch make a point a pixel, whatever the desktop's settings say.
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(parts.fonts.get()), 72.0);
  parts.context.reset(pango_font_map_create_context(parts.fonts.get()));
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(parts.context.get(), options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(parts.context.get(), FALSE);
  pango_context_set_base_dir(parts.context.get(), PANGO_DIRECTION_LTR);
  pango_context_set_language(parts.context.get(), pango_language_from_string(parts.language.c_str()));
  draw_formulas_in(parts.context.get());
}

TextEngine::~TextEngine() = default;

const FormulaTable& TextEngine::formulas() const { return parts_->formulas; }

MeasuredText TextEngine::measure(std::string_view text, bool markup, const TextStyle& style, double width) const {
  const Typeset set = parts_->typeset_of(text, markup);
  const LayoutPtr layout = parts_->layout(set.text, markup, style, width);
  PangoRectangle ink;
  PangoRectangle logical;
  pango_layout_get_extents(layout.get(), &ink, &logical);
  MeasuredText measured;
  measured.width = to_px(logical.width);
  measured.height = to_px(logical.height);
  measured.baseline = to_px(pango_layout_get_baseline(layout.get()));
  measured.ink = {to_px(ink.x), to_px(ink.y), to_px(ink.width), to_px(ink.height)};
  measured.breaks_words = breaks_inside_word(layout.get());
  PangoLayoutIter* iter = pango_layout_get_iter(layout.get());
  do {
    const PangoLayoutLine* line = pango_layout_iter_get_line_readonly(iter);
    PangoRectangle extents;
    pango_layout_iter_get_line_extents(iter, nullptr, &extents);
    const auto begin = static_cast<std::size_t>(line->start_index);
    const std::size_t end = begin + static_cast<std::size_t>(line->length);
    measured.lines.push_back(
        {set.source_offset(begin), set.source_offset(end), to_px(extents.width), to_px(extents.y + extents.height)});
  } while (pango_layout_iter_next_line(iter) != FALSE);
  pango_layout_iter_free(iter);
  return measured;
}

void TextEngine::draw(cairo_t* cairo, const Element& element) const {
  const Typeset set = parts_->typeset_of(element.text, element.markup);
  const LayoutPtr layout = parts_->layout(set.text, element.markup, element.style, element.box.width);
  cairo_set_source_rgba(cairo, element.color.r, element.color.g, element.color.b, element.color.a);
  cairo_move_to(cairo, element.box.x, element.box.y);
  pango_cairo_show_layout(cairo, layout.get());
  if (element.markup) draw_vector_arrows(cairo, layout.get(), element);
}

}  // namespace vivid::render
