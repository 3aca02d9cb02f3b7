#include "render/layout/flow.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "render/layout/balance.h"
#include "render/storyboard/math_text.h"

namespace vivid::render {
namespace {

// Half steps down the type scale; the last one: the floor.
constexpr std::array<double, 8> kScales{1.0, 0.8944, 0.8, 0.7155, 0.64, 0.5724, 0.512, 0.0};
// More than a page can hold; keeps the work on a long text linear.
constexpr std::size_t kWindowBytes = 6'000;
// Pango takes time that grows with the square of a word's length: text with words longer than kLongWordBytes is looked
// at in smaller pieces.
constexpr std::size_t kLongWordBytes = 200;
constexpr std::size_t kLongWordWindowBytes = 900;
// Beyond this many pages the last one need not look as full as the others.
constexpr std::size_t kBalancedPages = 12;

constexpr double kCardPaddingX = 40.0;
constexpr double kPointPaddingY = 30.0;
constexpr double kRule = 2.0;
constexpr double kTickWidth = 60.0;
constexpr double kTick = 8.0;
// Of the letters' size, for the number and what parts it from the words.
constexpr double kNumberRoom = 1.35;
constexpr double kItemIndent = 40.0;
constexpr double kSmallestEquation = 44.0;
constexpr std::size_t kLongestEquationBytes = 600;

std::size_t longest_word_bytes(std::string_view text) {
  std::size_t longest = 0;
  std::size_t length = 0;
  for (const char c : text) {
    // Scripts beyond U+0800 (Han, Thai, Devanagari …) break without spaces, or have short words.
    const bool ends = c == ' ' || c == '\n' || static_cast<unsigned char>(c) >= 0xe0U;
    length = ends ? 0 : length + 1;
    longest = std::max(longest, length);
  }
  return longest;
}

std::string_view window_of(std::string_view text) {
  std::size_t end = kWindowBytes;
  if (longest_word_bytes(text.substr(0, end)) > kLongWordBytes) end = kLongWordWindowBytes;
  if (text.size() <= end) return text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

bool ends_sentence(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  constexpr std::array<std::string_view, 9> kEnds{".", "!", "?", "…", "。", "！", "？", "؟", "।"};
  return std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) { return text.ends_with(end); });
}

// The last end of a sentence in the second half of `text`; all of it if there is none.
std::size_t best_cut(std::string_view text) {
  for (std::size_t end = text.size(); end > text.size() / 2; --end) {
    const bool boundary = text[end - 1] == ' ' || text[end - 1] == '\n';
    if ((boundary || static_cast<unsigned char>(text[end - 1]) >= 0x80U) && ends_sentence(text.substr(0, end))) {
      return end;
    }
  }
  return text.size();
}

// One attempt to set all blocks at one scale into pages of one height.
class Setter {
 public:
  Setter(const TextEngine& engine, const Theme& theme, const FlowOptions& options, double scale, double height)
      : engine_(engine), theme_(theme), options_(options), scale_(scale), height_(height), pages_(1) {}

  // Each of so many blocks, none of which is divided, takes its even share of so many pages.
  void spread(std::size_t blocks, std::size_t pages) {
    blocks_left_ = blocks;
    pages_left_ = pages;
  }

  void set(const Block& block) {
    if (pages_left_ > 0) keep_share();
    if (block.kind == BlockKind::equation && set_equation(block)) return;
    std::size_t begin = 0;
    while (begin < block.text.size()) begin += set_part(block, begin);
  }

  std::vector<Page> take_pages() {
    finish_page();
    return std::move(pages_);
  }
  bool breaks_words() const { return breaks_words_; }
  std::size_t page_count() const { return pages_.size(); }

 private:
  double room() const { return height_ - y_; }
  // Of the blocks' own sizes.
  double letters() const { return scale_ * options_.font_scale; }
  bool page_is_empty() const { return pages_.back().elements.empty(); }
  double gap(const Block& block) const { return page_is_empty() ? 0.0 : block.space_before_px * scale_; }

  TextStyle style_of(const Block& block) const {
    TextStyle style;
    style.font = block.font;
    style.size_px = block.size_px * letters();
    style.weight = block.weight;
    style.line_spacing = body_spacing(block.text) * (block.kind == BlockKind::paragraph ? 1.0 : 0.94);
    if (block.font != FontRole::sans) style.line_spacing = heading_spacing(block.text);
    style.rtl = options_.rtl;
    return style;
  }

  // How far the words of a block stand in from the column.
  double indent(const Block& block) const {
    if (block.kind == BlockKind::point) return block.number > 0 ? kNumberRoom * block.size_px * letters() : 0.0;
    return block.kind == BlockKind::item ? kItemIndent * options_.font_scale : 0.0;
  }
  double padding_y(const Block& block) const { return block.kind == BlockKind::point ? kPointPaddingY * scale_ : 0.0; }
  double text_width(const Block& block) const { return options_.column.width - indent(block); }

  // Sets as much of the block, from `begin` on, as this page takes; returns how many bytes that was.
  std::size_t set_part(const Block& block, std::size_t begin) {
    const std::string_view rest = std::string_view(block.text).substr(begin);
    const TextStyle style = style_of(block);
    const double width = text_width(block);
    const double above = gap(block) + padding_y(block);
    std::size_t bytes = fitting_bytes(engine_, rest, style, width, room() - above - padding_y(block));
    const bool part_only = bytes < rest.size();
    // A bullet moves to the next page whole rather than being divided, and a paragraph leaves no scrap behind.
    const bool scrap = block.kind != BlockKind::paragraph || bytes < 80;
    if (part_only && !page_is_empty() && (bytes == 0 || scrap)) {
      turn_page();
      return 0;
    }
    if (bytes == 0) bytes = first_line_bytes(rest, style, width);
    place(block, begin, rest.substr(0, bytes), style);
    if (part_only) turn_page();
    return bytes;
  }

  // A line taller than a page cannot be: it is set all the same, so that the flow goes on.
  std::size_t first_line_bytes(std::string_view rest, const TextStyle& style, double width) const {
    const std::string_view window = window_of(rest);
    const MeasuredText measured = engine_.measure(window, false, style, width);
    return measured.lines.size() > 1 ? measured.lines[1].begin : window.size();
  }

  void place(const Block& block, std::size_t begin, std::string_view text, const TextStyle& style) {
    const double width = text_width(block);
    const MeasuredText measured = engine_.measure(text, false, style, width);
    breaks_words_ = breaks_words_ || measured.breaks_words;
    y_ += gap(block);
    const int step = enter_step(block, begin, text.size());
    const double outer = measured.height + 2 * padding_y(block);
    place_decoration(block, begin, {options_.column.x, y_, options_.column.width, outer}, measured, step);
    Element element;
    element.text = std::string(text);
    element.style = style;
    element.color = block.color;
    element.step = step;
    element.source = block.source;
    element.source.offset += begin;
    const double x = options_.rtl ? options_.column.right() - indent(block) - width : options_.column.x + indent(block);
    element.box =
        narrowed({x, y_ + padding_y(block), width, measured.height}, settled_width(engine_, text, style, width), style);
    element.rests = block.source.field == SourceField::bullet;
    pages_.back().elements.push_back(std::move(element));
    y_ += outer;
  }

  void place_decoration(const Block& block, std::size_t begin, const Rect& box, const MeasuredText& measured,
                        int step) {
    if (block.kind == BlockKind::point) {
      place_bar({box.x, box.y, box.width, kRule}, theme_.rule, block, step);
      const double tick = kTickWidth * std::max(1.0, scale_);
      place_bar({options_.rtl ? box.right() - tick : box.x, box.y - (kTick - kRule) / 2, tick, kTick}, theme_.accent,
                block, step);
      if (block.number > 0 && begin == 0) place_number(block, box, measured.baseline, step);
    } else if (block.kind == BlockKind::item && begin == 0) {
      const double size = 13.0 * letters();
      const double line = measured.lines.empty() ? box.height : measured.lines.front().bottom;
      const double x = options_.rtl ? box.right() - size - 4.0 : box.x + 4.0;
      place_bar({x, box.y + line / 2 - size / 2, size, size}, theme_.accent, block, step);
    }
  }

  void place_bar(const Rect& box, const Color& color, const Block& block, int step) {
    Element bar;
    bar.kind = ElementKind::bar;
    bar.box = box;
    bar.color = color;
    bar.radius = box.width == box.height ? box.width / 2 : 0.0;
    bar.step = step;
    bar.rests = block.source.field == SourceField::bullet;
    pages_.back().elements.push_back(bar);
  }

  // On the line that the first words stand on.
  void place_number(const Block& block, const Rect& box, double baseline, int step) {
    Element number;
    number.text = std::to_string(block.number);
    number.style = style_of(block);
    number.style.weight = 700;
    number.color = theme_.accent_text;
    number.step = step;
    // It stays as it is: the accent's hue has no contrast to lose.
    const double width = indent(block);
    const MeasuredText measured = engine_.measure(number.text, false, number.style, width);
    number.box = {options_.rtl ? box.right() - width : box.x, box.y + padding_y(block) + baseline - measured.baseline,
                  width, measured.height};
    pages_.back().elements.push_back(std::move(number));
  }

  // False if it does not fit into one page however small: it is then set as ordinary text.
  bool set_equation(const Block& block) {
    const std::string formula = engine_.formulas().character_of({block.text, true});
    if (formula.empty() && block.text.size() > kLongestEquationBytes) return false;
    const std::string markup = formula.empty() ? math_markup(block.text) : formula;
    TextStyle style;
    style.font = FontRole::serif;
    style.italic = formula.empty();
    style.align = Align::center;
    const double width = options_.column.width - 2 * kCardPaddingX;
    MeasuredText measured;
    for (double size = block.size_px * letters();; size *= 0.92) {
      style.size_px = std::max(size, kSmallestEquation);
      measured = engine_.measure(window_of(markup).size() == markup.size() ? markup : std::string(), formula.empty(),
                                 style, width);
      if (measured.lines.size() <= 1 || size <= kSmallestEquation) break;
    }
    const double padding = 34.0 * scale_;
    // A drawing is never divided: it becomes as small as its page wants it.
    if (!formula.empty() && measured.height + 2 * padding > height_) {
      style.size_px *= (height_ - 2 * padding) / measured.height * 0.99;
      measured = engine_.measure(markup, false, style, width);
    }
    const double outer = measured.height + 2 * padding;
    if (outer > height_) return false;
    if (gap(block) + outer > room()) turn_page();
    y_ += gap(block);
    Element card;
    card.kind = ElementKind::card;
    card.box = {options_.column.x, y_, options_.column.width, outer};
    card.color = theme_.surface_edge;
    card.fill = theme_.surface;
    card.radius = grid::kRadius;
    pages_.back().elements.push_back(card);
    Element text;
    text.box = {options_.column.x + kCardPaddingX, y_ + padding, width, measured.height};
    text.text = markup;
    text.markup = formula.empty();
    text.style = style;
    text.color = block.color;
    text.source = block.source;
    pages_.back().elements.push_back(text);
    pages_.back().steps.front().weight += static_cast<double>(block.text.size());
    y_ += outer;
    return true;
  }

  void keep_share() {
    const std::size_t share = (blocks_left_ + pages_left_ - 1) / pages_left_;
    if (on_page_ >= share && pages_left_ > 1) {
      turn_page();
      blocks_left_ -= on_page_;
      on_page_ = 0;
      --pages_left_;
    }
    ++on_page_;
  }

  // Which step of the page shows this part of the block.
  int enter_step(const Block& block, std::size_t begin, std::size_t bytes) {
    Page& page = pages_.back();
    page.steps.front().weight += static_cast<double>(bytes);
    const bool bullet = block.source.field == SourceField::bullet;
    const Step step{bullet ? block.source.index : -1, block.source.offset + begin, static_cast<double>(bytes)};
    if (pages_.size() > 1 && page.elements.empty()) {
      const double weight = page.steps.front().weight;
      if (bullet || block.source.field == SourceField::body) page.steps.front() = step;
      page.steps.front().weight = weight;
      return 0;
    }
    if (!bullet) return static_cast<int>(page.steps.size()) - 1;
    page.steps.push_back(step);
    return static_cast<int>(page.steps.size()) - 1;
  }

  void turn_page() {
    finish_page();
    pages_.emplace_back();
    y_ = 0.0;
  }

  // Moves what the page holds down to where it looks settled.
  void finish_page() {
    const double shift = options_.column.y + std::max(0.0, options_.column.height - y_) * options_.rise;
    for (Element& element : pages_.back().elements) element.box.y += shift;
  }

  const TextEngine& engine_;
  const Theme& theme_;
  const FlowOptions& options_;
  double scale_;
  double height_;
  double y_ = 0.0;  // below the last block, from the top of the column
  bool breaks_words_ = false;
  std::size_t blocks_left_ = 0;  // when this page began
  std::size_t pages_left_ = 0;   // this one included
  std::size_t on_page_ = 0;
  std::vector<Page> pages_;
};

struct Attempt {
  std::vector<Page> pages;
  bool breaks_words = false;
};

Attempt attempt(const TextEngine& engine, const Theme& theme, const std::vector<Block>& blocks,
                const FlowOptions& options, double scale, double height, std::size_t spread_over = 0) {
  Setter setter(engine, theme, options, scale, height);
  if (spread_over > 0) setter.spread(blocks.size(), spread_over);
  for (const Block& block : blocks) setter.set(block);
  const bool breaks = setter.breaks_words();
  return {setter.take_pages(), breaks};
}

bool all_points(const std::vector<Block>& blocks) {
  return std::all_of(blocks.begin(), blocks.end(), [](const Block& block) { return block.kind == BlockKind::point; });
}

// All blocks at `floor`, or below it where that saves a word that enlarging would break; `floor` becomes what it is.
Attempt smallest(const TextEngine& engine, const Theme& theme, const std::vector<Block>& blocks,
                 const FlowOptions& options, double& floor) {
  constexpr double kStep = 0.93;
  const auto at = [&](double scale) { return attempt(engine, theme, blocks, options, scale, options.column.height); };
  Attempt wanted = at(floor);
  const double usual = options.floor_scale / options.font_scale;
  if (!wanted.breaks_words || usual >= floor) return wanted;
  Attempt best = at(usual);
  if (best.breaks_words) return wanted;
  for (double scale = floor * kStep; scale > usual; scale *= kStep) {
    Attempt candidate = at(scale);
    if (candidate.breaks_words) continue;
    floor = scale;
    return candidate;
  }
  floor = usual;
  return best;
}

}  // namespace

std::size_t fitting_bytes(const TextEngine& engine, std::string_view text, const TextStyle& style, double width,
                          double height) {
  if (height <= 0.0) return 0;
  const std::string_view window = window_of(text);
  const MeasuredText measured = engine.measure(window, false, style, width);
  if (window.size() == text.size() && measured.height <= height) return text.size();
  std::size_t lines = 0;
  while (lines < measured.lines.size() && measured.lines[lines].bottom <= height) ++lines;
  if (lines == measured.lines.size() && lines > 0) --lines;  // the window ends inside its last line
  if (lines == 0) return 0;
  return best_cut(window.substr(0, measured.lines[lines].begin));
}

std::vector<Page> flow_blocks(const TextEngine& engine, const Theme& theme, const std::vector<Block>& blocks,
                              const FlowOptions& options) {
  const double height = options.column.height;
  double floor = std::min(options.floor_scale, options.largest_scale);
  Attempt best = smallest(engine, theme, blocks, options, floor);
  const std::size_t count = best.pages.size();
  double scale = floor;
  if (count > kBalancedPages) return std::move(best.pages);
  for (const double larger : kScales) {
    if (larger > options.largest_scale) continue;
    if (larger <= floor) break;
    Attempt candidate = attempt(engine, theme, blocks, options, larger, height);
    if (candidate.pages.size() > count || (candidate.breaks_words && !best.breaks_words)) continue;
    best = std::move(candidate);
    scale = larger;
    break;
  }
  if (count == 1) return std::move(best.pages);
  if (all_points(blocks)) {
    Attempt candidate = attempt(engine, theme, blocks, options, scale, height, count);
    if (candidate.pages.size() == count) return std::move(candidate.pages);
  }
  for (int percent = 50; percent < 100; percent += 5) {
    Attempt candidate = attempt(engine, theme, blocks, options, scale, height * percent / 100.0);
    if (candidate.pages.size() == count) return std::move(candidate.pages);
  }
  return std::move(best.pages);
}

}  // namespace vivid::render
