#include "config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <cstddef>
#include <exception>
#include <sstream>
#include <utility>

namespace vivid::config {
namespace {

// The deepest option, stages.video_generation.silence, is three down.
constexpr std::size_t kMaxDepth = 8;

int line_of(const YAML::Mark& mark) { return mark.is_null() ? 1 : mark.line + 1; }

// Builds the tree from the parser's events. Events rather than YAML::Node: a node graph follows aliases, drops
// duplicate keys and cannot be bounded.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view name, Problems& problems) : name_(name), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) refuse(mark, "a second document begins here; allowed: one document a file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { finish(make(YamlNode::Kind::null, mark)); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "an alias (*name) is used; allowed: write the value out");
    finish(make(YamlNode::Kind::null, mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string& value) override {
    YamlNode node = make(YamlNode::Kind::scalar, mark);
    node.text = value;
    finish(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    begin(YamlNode::Kind::list, mark);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    begin(YamlNode::Kind::map, mark);
  }
  void OnMapEnd() override { end(); }

  bool refused() const { return refused_; }
  YamlNode take_root() { return std::move(root_); }

 private:
  struct Frame {
    YamlNode node;
    std::optional<YamlEntry> pending;  // a key that waits for its value
  };

  static YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    node.line = line_of(mark);
    return node;
  }

  // After the first refusal nothing more is built, so that memory stays bounded whatever follows.
  void refuse(const YAML::Mark& mark, std::string_view what) {
    if (!refused_) problems_.add(at_line(name_, line_of(mark)), "", what);
    refused_ = true;
  }

  void begin(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (frames_.size() == kMaxDepth)
      refuse(mark, "nested too deeply; allowed: " + std::to_string(kMaxDepth) + " levels");
    if (refused_) return;
    frames_.push_back({make(kind, mark), std::nullopt});
  }

  void end() {
    if (refused_) return;
    YamlNode node = std::move(frames_.back().node);
    frames_.pop_back();
    finish(std::move(node));
  }

  void finish(YamlNode node) {
    if (refused_) return;
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == YamlNode::Kind::list) {
      frame.node.items.push_back(std::move(node));
    } else if (frame.pending) {
      frame.pending->value = std::move(node);
      frame.node.entries.push_back(std::move(*frame.pending));
      frame.pending.reset();
    } else if (node.kind == YamlNode::Kind::scalar) {
      frame.pending = YamlEntry{std::move(node.text), node.line, {}};
    } else {
      problems_.add(at_line(name_, node.line), "", "a key is not text; allowed: the names of options");
      refused_ = true;
    }
  }

  std::string_view name_;
  Problems& problems_;
  std::vector<Frame> frames_;
  YamlNode root_;
  int documents_ = 0;
  bool refused_ = false;
};

}  // namespace

std::optional<YamlNode> parse_yaml(std::string_view text, std::string_view name, Problems& problems) {
  TreeBuilder builder(name, problems);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (!builder.refused() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    problems.add(at_line(name, line_of(error.mark)), "", "not readable as YAML: " + error.msg);
    return std::nullopt;
  } catch (const std::exception& error) {
    problems.add(at_line(name, 1), "", std::string("not readable as YAML: ") + error.what());
    return std::nullopt;
  }
  if (builder.refused()) return std::nullopt;
  return builder.take_root();
}

}  // namespace vivid::config
