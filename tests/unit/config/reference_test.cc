#include "tests/unit/config/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <variant>
#include <vector>

#include "config/option.h"

namespace vivid::config {
namespace {

std::string read_source(const std::string& file) {
  std::ifstream stream(std::string(VIVID_SOURCE_DIR) + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Equal to the file of the source tree. VIVID_UPDATE_REFERENCE=1 writes the file instead.
void expect_same_as_file(const std::string& text, const std::string& file) {
  if (std::getenv("VIVID_UPDATE_REFERENCE") != nullptr) {
    std::ofstream(std::string(VIVID_SOURCE_DIR) + "/" + file, std::ios::binary) << text;
  }
  EXPECT_EQ(read_source(file), text) << file << " is not what the table says; run VIVID_UPDATE_REFERENCE=1 config_test";
}

TEST(Reference, AnnotatedFileSaysWhatTheTableSays) {
  expect_same_as_file(render_annotated_yaml(), "config/vividd.yaml");
}

TEST(Reference, PageSaysWhatTheTableSays) { expect_same_as_file(render_reference_page(), "docs/configuration.md"); }

TEST(Reference, EmbeddedFileIsTheOneInTheTree) {
  expect_same_as_file(std::string(default_yaml()), "config/vividd.yaml");
}

TEST(Reference, EveryOptionHasOneSentenceAndItsOwnVariable) {
  std::set<std::string> variables;
  for (const Option& option : options()) {
    EXPECT_FALSE(option.doc.empty()) << option.key;
    EXPECT_EQ(option.doc.back(), '.') << option.key;
    EXPECT_TRUE(variables.insert(environment_name(option)).second) << environment_name(option);
  }
  EXPECT_TRUE(variables.contains("VIVIDD_STAGES_VIDEO_GENERATION_SILENCE"));
}

// Addresses of every member. A member added to a struct stops its line here from compiling.
std::vector<const void*> members_of(const Config& config) {
  std::vector<const void*> all;
  const auto add = [&](const auto&... member) { (all.push_back(&member), ...); };
  const auto& [host, paths, queue, stages, lanes, workers, render, storage, notify, admission, control, http, log,
               shutdown, cost] = config;
  const auto add_stage = [&](const StageLimit& stage) {
    const auto& [start_to_close, silence, max_attempts] = stage;
    add(start_to_close, silence, max_attempts);
  };
  [&](const auto& value) {
    const auto& [a, b] = value;
    add(a, b);
  }(host);
  [&](const auto& value) {
    const auto& [a, b, c, d] = value;
    add(a, b, c, d);
  }(paths);
  [&](const auto& value) {
    const auto& [a, b, c, d, e, f, g, h] = value;
    add(a, b, c, d, e, f, g, h);
  }(queue);
  [&](const auto& value) {
    const auto& [a, b, c, d, e, f, g, h, i] = value;
    add(a);
    for (const StageLimit* stage : {&b, &c, &d, &e, &f, &g, &h, &i}) add_stage(*stage);
  }(stages);
  [&](const auto& value) {
    const auto& [a, b, c] = value;
    add(a, b, c);
  }(lanes);
  [&](const auto& value) {
    const auto& [a, b, c, d] = value;
    add(a, b, c, d);
  }(workers);
  [&](const auto& value) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k] = value;
    add(a, b, c, d, e, f, g, h, i, j, k);
  }(render);
  [&](const auto& value) {
    const auto& [a, b] = value;
    add(a, b);
  }(storage);
  [&](const auto& value) {
    const auto& [a] = value;
    add(a);
  }(notify);
  [&](const auto& value) {
    const auto& [a] = value;
    add(a);
  }(admission);
  [&](const auto& value) {
    const auto& [a, b, c, d, e, f] = value;
    add(a, b, c, d, e, f);
  }(control);
  [&](const auto& value) {
    const auto& [a, b, c] = value;
    add(a, b, c);
  }(http);
  [&](const auto& value) {
    const auto& [a, b] = value;
    add(a, b);
  }(log);
  [&](const auto& value) {
    const auto& [a] = value;
    add(a);
  }(shutdown);
  [&](const auto& value) {
    const auto& [a, b] = value;
    add(a, b);
  }(cost);
  return all;
}

// A member that the table forgot would keep its default for ever.
TEST(Reference, EveryMemberIsInTheTable) {
  Config config;
  std::set<const void*> places;
  for (const Option& option : options()) {
    places.insert(std::visit([](auto* place) { return static_cast<const void*>(place); }, option.target(config)));
  }
  const std::vector<const void*> members = members_of(config);
  EXPECT_EQ(std::set<const void*>(members.begin(), members.end()), places);
  EXPECT_EQ(members.size(), options().size());
}

}  // namespace
}  // namespace vivid::config
