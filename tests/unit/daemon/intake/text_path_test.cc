#include "daemon/intake/text_path.h"

#include "sync/storage/local_object_store.h"
#include "tests/support/daemon/loop_fixture.h"

namespace vivid::daemon {
namespace {

constexpr const char* kId = "00000000-0000-4000-8000-000000000001";

class TextPathTest : public LoopFixture {
 protected:
  TextPathTest()
      : mailbox_(&loop_),
        pool_({"text", 1, 10}, mailbox_.poster()),
        store_(folder_ / "store"),
        scripts_(make_template_script_provider()),
        options_{"lessons", folder_ / "scratch"},
        path_({system_clock(), pool_, store_, *scripts_, [this](const std::string&) -> Result<bool> { return queued_; },
               [this](const std::string&) { return being_queued_; }},
              options_) {}

  void keep_manifest(const std::string& text) {
    const auto folder = folder_ / "store" / "lessons" / "requests" / kId / "0";
    ASSERT_TRUE(make_directories(folder));
    ASSERT_TRUE(write_file_durably(folder / "manifest.json", text));
  }
  Result<TextAnswer> ask() {
    Request request;
    request.id = *Uuid::parse(kId);
    request.student_query = "Why is the sky blue?";
    std::optional<Result<TextAnswer>> got;
    path_.answer(request, [&](Result<TextAnswer> answer) { got = std::move(answer); });
    EXPECT_TRUE(run_until([&] { return got.has_value(); }));
    return got.value_or(fail(ErrorCode::internal, "no answer"));
  }

  Mailbox mailbox_;
  TaskPool pool_;
  sync::LocalObjectStore store_;
  std::unique_ptr<ScriptProvider> scripts_;
  TextPath::Options options_;
  bool queued_ = false;
  bool being_queued_ = false;
  TextPath path_;
};

TEST_F(TextPathTest, SameRequestTwiceIsOneAnswer) {
  const auto first = ask();
  ASSERT_TRUE(first) << first.error().describe();
  EXPECT_TRUE(first->created);
  const auto second = ask();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->created);
  EXPECT_EQ(*stored_class(store_, options_.bucket, kId), "text");
}

TEST_F(TextPathTest, ResultOfAJobThatTheQueueForgotIsNotOverwritten) {
  const std::string manifest = R"({"class":"video","correlation_id":"c"})";
  keep_manifest(manifest);
  const auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::already_exists);
  EXPECT_EQ(*stored_class(store_, options_.bucket, kId), "video");
}

TEST_F(TextPathTest, JobOnItsWayIntoTheQueueKeepsItsId) {
  being_queued_ = true;
  const auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::already_exists);
}

TEST_F(TextPathTest, ManifestWithWrongTypesIsCorruptAndHarmsNobody) {
  for (const char* manifest :
       {R"([])", R"({"class":7,"correlation_id":"c"})", R"({"class":"text","correlation_id":null})",
        R"({"class":"text","correlation_id":"c","created_at_us":"soon","finished_at_us":1,"files":[],"warnings":[]})",
        R"({"class":"text","correlation_id":"c","created_at_us":1,"finished_at_us":1,"files":{},"warnings":[]})"}) {
    keep_manifest(manifest);
    const auto read = load_text_answer(store_, options_.bucket, kId);
    ASSERT_FALSE(read) << manifest;
    EXPECT_EQ(read.error().code, ErrorCode::data_corrupt) << manifest;
    const auto answer = ask();
    ASSERT_FALSE(answer) << manifest;
    EXPECT_EQ(answer.error().code, ErrorCode::data_corrupt) << manifest;
  }
}

TEST_F(TextPathTest, ScratchOfAnEarlierProcessIsEmptied) {
  ASSERT_TRUE(make_directories(options_.scratch));
  ASSERT_TRUE(write_file_durably(options_.scratch / "left.text.md", "left"));
  ASSERT_TRUE(empty_scratch(options_.scratch));
  EXPECT_FALSE(std::filesystem::exists(options_.scratch / "left.text.md"));
  // Nothing there is nothing to do.
  EXPECT_TRUE(empty_scratch(options_.scratch));
}

}  // namespace
}  // namespace vivid::daemon
