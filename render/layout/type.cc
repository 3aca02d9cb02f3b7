#include "render/layout/type.h"

#include <algorithm>
#include <cmath>

namespace vivid::render {
namespace {

bool is_lead_byte(char c, unsigned char low, unsigned char high) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= low && byte <= high;
}

// Arabic to Thaana are U+0600 … U+07FF: lead bytes D8 … DF. Their fonts ask for far more than their letters take.
bool is_arabic(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_lead_byte(text[i], 0xd8, 0xdf)) return true;
  }
  return false;
}

// U+0800 … U+1FFF, lead bytes E0 and E1: Indic scripts, Thai, and Latin letters with two marks.
bool stacks_marks(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_lead_byte(text[i], 0xe0, 0xe1)) return true;
  }
  return false;
}

}  // namespace

std::vector<double> type_ladder(double largest, double smallest) {
  const double half_step = std::sqrt(type::kStep);
  std::vector<double> sizes;
  for (double size = largest; size > smallest * 1.01; size /= half_step) sizes.push_back(size);
  sizes.push_back(smallest);
  return sizes;
}

std::size_t count_letters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

FontRole display_font(Subject subject) {
  const bool humanities = subject == Subject::history || subject == Subject::literature;
  return humanities ? FontRole::display_serif : FontRole::display;
}

double heading_spacing(std::string_view text) {
  if (stacks_marks(text)) return 0.96;
  return is_arabic(text) ? 0.76 : 0.84;
}

double body_spacing(std::string_view text) {
  if (stacks_marks(text)) return 1.04;
  return is_arabic(text) ? 0.84 : 1.02;
}

}  // namespace vivid::render
