#include <algorithm>
#include <cstdlib>
#include <limits>

#include "render/speech/caption_limits.h"
#include "render/speech/narration.h"
#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// A word with what is written up to the next one.
struct Unit {
  std::string text;
  int width = 0;
  bool space_after = false;
  int clause = 0;  // how well a break after it reads: 2 sentence, 1 clause, 0 neither
  microseconds start{0};
  microseconds end{0};
};

int clause_of(std::string_view text) {
  char32_t last = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    const bool closes = c.value == ')' || c.value == '"' || c.value == 0x201d || c.value == 0xbb || c.value == 0x300d;
    if (!closes) last = c.value;
    at += c.length;
  }
  if (is_sentence_end(last)) return 2;
  const bool clause = last == ',' || last == ';' || last == ':' || last == 0x2014 || last == 0x60c || last == 0x61b ||
                      last == 0x3001 || last == 0xff0c || last == 0xff1b || last == 0xff1a;
  return clause ? 1 : 0;
}

// A word wider than a line is cut into pieces, each with its share of the time.
void add_unit(std::vector<Unit>& units, Unit unit) {
  const int whole = std::max(caption_width(unit.text), 1);
  const microseconds begin = unit.start;
  const microseconds length = unit.end - unit.start;
  std::string_view rest = unit.text;
  int done = 0;
  while (!rest.empty()) {
    std::size_t size = 0;
    int width = 0;
    while (size < rest.size()) {
      const CodePoint c = code_point_at(rest, size);
      const int more = caption_width(rest.substr(size, c.length));
      if (width + more > kCaptionLineWidth) break;
      width += more;
      size += c.length;
    }
    Unit piece;
    piece.text = std::string(rest.substr(0, size));
    piece.width = width;
    piece.start = begin + length * done / whole;
    done += width;
    piece.end = begin + length * done / whole;
    rest.remove_prefix(size);
    piece.space_after = rest.empty() && unit.space_after;
    piece.clause = rest.empty() ? clause_of(unit.text) : 0;
    units.push_back(std::move(piece));
  }
}

std::vector<Unit> units_of(const SpokenUtterance& utterance) {
  std::vector<Unit> units;
  const std::string_view text = utterance.text;
  const auto& words = utterance.words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : words[i].text_offset;
    const std::size_t end = i + 1 < words.size() ? words[i + 1].text_offset : text.size();
    const std::string_view raw = text.substr(begin, end - begin);
    std::string shown(trimmed(raw));
    std::replace(shown.begin(), shown.end(), '\n', ' ');
    Unit unit;
    unit.space_after = !raw.empty() && trimmed(raw.substr(raw.find(trimmed(raw)))).size() < raw.size();
    unit.text = std::move(shown);
    unit.start = words[i].start;
    unit.end = words[i].end;
    add_unit(units, std::move(unit));
  }
  return units;
}

class Cutter {
 public:
  explicit Cutter(std::vector<Unit> units) : units_(std::move(units)) {}

  void run(std::vector<Caption>& out) const {
    for (std::size_t begin = 0; begin < units_.size();) {
      const std::size_t end = end_of_caption(begin);
      out.push_back({units_[begin].start, units_[end - 1].end, lines(begin, end)});
      begin = end;
    }
  }

 private:
  int width(std::size_t begin, std::size_t end) const {
    int sum = 0;
    for (std::size_t i = begin; i < end; ++i) {
      sum += units_[i].width + (i + 1 < end && units_[i].space_after ? kLetterWidth : 0);
    }
    return sum;
  }

  // How many units, from `begin`, one line holds.
  std::size_t end_of_line(std::size_t begin) const {
    std::size_t end = begin + 1;
    while (end < units_.size() && width(begin, end + 1) <= kCaptionLineWidth) ++end;
    return end;
  }

  std::size_t end_of_caption(std::size_t begin) const {
    std::size_t limit = end_of_line(begin);
    if (limit < units_.size()) limit = end_of_line(limit);
    while (limit > begin + 1 && units_[limit - 1].end - units_[begin].start > kCaptionMost) --limit;
    if (limit == units_.size()) return limit;
    // Better at the end of a sentence or clause than wherever the lines are full, if that leaves enough to read.
    const std::size_t least = begin + std::max<std::size_t>((limit - begin) / 3, 1);
    for (const int clause : {2, 1}) {
      for (std::size_t end = limit; end > least; --end) {
        if (units_[end - 1].clause >= clause) return end;
      }
    }
    // No single word is left over for the next.
    return units_.size() - limit == 1 && limit - begin > 3 ? limit - 2 : limit;
  }

  std::string line(std::size_t begin, std::size_t end) const {
    std::string text;
    for (std::size_t i = begin; i < end; ++i) {
      text += units_[i].text;
      if (i + 1 < end && units_[i].space_after) text += ' ';
    }
    return text;
  }

  // Two lines of about one length, broken after a clause where one ends nearby.
  std::vector<std::string> lines(std::size_t begin, std::size_t end) const {
    if (width(begin, end) <= kCaptionLineWidth) return {line(begin, end)};
    std::size_t best = end_of_line(begin);
    int best_cost = std::numeric_limits<int>::max();
    for (std::size_t at = begin + 1; at < end; ++at) {
      const int first = width(begin, at);
      const int second = width(at, end);
      if (first > kCaptionLineWidth || second > kCaptionLineWidth) continue;
      const int cost = std::abs(first - second) - (units_[at - 1].clause > 0 ? kCaptionLineWidth / 4 : 0);
      if (cost < best_cost) {
        best_cost = cost;
        best = at;
      }
    }
    return {line(begin, best), line(best, end)};
  }

  std::vector<Unit> units_;
};

// Captions too quick to be read one by one are shown as the two lines of one.
void join_hurried(std::vector<Caption>& captions) {
  std::vector<Caption> out;
  for (Caption& caption : captions) {
    const bool join = !out.empty() && caption.start - out.back().start < kCaptionLeast &&
                      out.back().lines.size() == 1 && caption.lines.size() == 1 &&
                      caption.end - out.back().start <= kCaptionMost;
    if (join) {
      out.back().lines.push_back(std::move(caption.lines[0]));
      out.back().end = caption.end;
    } else {
      out.push_back(std::move(caption));
    }
  }
  captions = std::move(out);
}

// Long enough to read, into the pauses and at most a little into the time of the next; never two at once.
void settle_times(std::vector<Caption>& captions, microseconds duration) {
  microseconds free_from{0};
  for (std::size_t i = 0; i < captions.size(); ++i) {
    Caption& caption = captions[i];
    caption.start = std::max(caption.start, free_from);
    const microseconds wanted = std::max(caption.end, caption.start + reading_time(caption));
    const microseconds latest = i + 1 < captions.size() ? captions[i + 1].start + kCaptionLag : duration;
    caption.end =
        std::clamp<microseconds>(std::min(wanted, latest), caption.start + kCaptionLeast, caption.start + kCaptionMost);
    free_from = caption.end;
  }
  // The pauses after the last words are room enough; else the end of the sound is.
  for (Caption& caption : captions) caption.end = std::max(std::min(caption.end, duration), caption.start);
  std::erase_if(captions, [](const Caption& caption) { return caption.end <= caption.start; });
}

}  // namespace

std::vector<Caption> make_captions(const Narration& narration) {
  std::vector<Caption> captions;
  for (const SpokenUtterance& utterance : narration.utterances) Cutter(units_of(utterance)).run(captions);
  join_hurried(captions);
  settle_times(captions, narration.duration());
  return captions;
}

}  // namespace vivid::render
