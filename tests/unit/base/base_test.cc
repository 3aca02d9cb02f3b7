#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <span>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "tests/support/temporary_folder.h"

namespace vivid {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

class Files : public ::testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const fs::path& directory_ = folder_.path();
};

TEST(Error, CodesAndTextsAreInverse) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(error_code_from_text(to_text(code)), code);
  }
  EXPECT_EQ(error_code_from_text("no such code"), ErrorCode::internal);
}

TEST(Error, BadInputIsNeverRetriedAndAnOutageIs) {
  EXPECT_EQ(disposition_of(ErrorCode::invalid_input), Disposition::fail);
  EXPECT_EQ(disposition_of(ErrorCode::unavailable), Disposition::retry);
  EXPECT_EQ(disposition_of(ErrorCode::worker_crashed), Disposition::crash);
}

TEST(Uuid, ParsesBothCasesAndPrintsLower) {
  const auto uuid = Uuid::parse("3F0C5A52-8f6e-4c3e-9a54-0b6f9f0f7a01");
  ASSERT_TRUE(uuid.has_value());
  EXPECT_EQ(uuid->to_text(), "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01");
}

TEST(Uuid, RefusesEverythingElse) {
  for (const char* text :
       {"", "test-smoke-002", "3f0c5a528f6e4c3e9a540b6f9f0f7a01", "{3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a0}",
        "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a0g", "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a012"}) {
    EXPECT_FALSE(Uuid::parse(text).has_value()) << text;
  }
}

TEST(Uuid, FromNameMatchesThePublishedExample) {
  // Python's uuid.uuid5(uuid.NAMESPACE_DNS, "python.org"), from its documentation.
  const auto dns = Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(Uuid::from_name(*dns, "python.org").to_text(), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
}

TEST(Uuid, RandomIsVersionFour) {
  const std::string text = Uuid::random().to_text();
  EXPECT_EQ(text[14], '4');
  EXPECT_NE(text, Uuid::random().to_text());
}

TEST(Digest, MatchesPublishedVectors) {
  Sha256 sha256;
  sha256.update(bytes_of("abc"));
  EXPECT_EQ(sha256.finish_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Crc32c crc;
  EXPECT_EQ(crc.to_base64(), "AAAAAA==");
  crc.update(bytes_of("123456789"));
  EXPECT_EQ(crc.value(), 0xe306'9283U);
}

TEST(Digest, Crc32cDoesNotDependOnHowBytesAreCut) {
  const std::string text(1000, 'x');
  Crc32c whole;
  whole.update(bytes_of(text));
  Crc32c pieces;
  for (std::size_t i = 0; i < text.size(); i += 7) pieces.update(bytes_of(std::string_view(text).substr(i, 7)));
  EXPECT_EQ(pieces.value(), whole.value());
}

TEST(Backoff, JitterStaysUnderTheExponentialAndTheMaximum) {
  Random random(7);
  const BackoffOptions options{.initial = std::chrono::milliseconds(100), .maximum = std::chrono::milliseconds(1000)};
  for (int attempt = 1; attempt < 12; ++attempt) {
    for (int i = 0; i < 50; ++i) {
      const auto delay = full_jitter(options, attempt, random).count();
      EXPECT_GE(delay, 0);
      EXPECT_LE(delay, std::min(1000.0, 100.0 * static_cast<double>(1 << (attempt - 1))));
    }
  }
}

TEST(Clock, FormatsUtcWithMilliseconds) {
  EXPECT_EQ(to_iso8601(WallTime(std::chrono::microseconds(1'700'000'000'123'456))), "2023-11-14T22:13:20.123Z");
}

TEST_F(Files, DurableWriteReplacesTheWholeFileAndLeavesNothingBeside) {
  const fs::path path = directory_ / "a.txt";
  ASSERT_TRUE(write_file_durably(path, "first, and longer").has_value());
  ASSERT_TRUE(write_file_durably(path, "second").has_value());
  EXPECT_EQ(read_file(path, 100).value(), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 1);
}

TEST_F(Files, DurableWriteThatFailsNamesTheFileThatWasMeant) {
  const fs::path path = directory_ / "missing" / "a.txt";
  const Status written = write_file_durably(path, "text");
  ASSERT_FALSE(written.has_value());
  EXPECT_NE(written.error().message.find(path.string()), std::string::npos) << written.error().message;
  EXPECT_EQ(written.error().message.find(".tmp"), std::string::npos) << written.error().message;
}

TEST_F(Files, ReadRefusesMoreThanItsLimit) {
  ASSERT_TRUE(write_file_durably(directory_ / "a", "12345").has_value());
  EXPECT_EQ(read_file(directory_ / "a", 4).error().code, ErrorCode::too_large);
  EXPECT_EQ(read_file(directory_ / "missing", 4).error().code, ErrorCode::not_found);
}

TEST_F(Files, FactsAreOfTheWholeFile) {
  const std::string content(700'000, 'v');
  ASSERT_TRUE(write_file_durably(directory_ / "a", content).has_value());
  const auto facts = describe_file(directory_ / "a");
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->size_bytes, content.size());
  Sha256 sha256;
  sha256.update(bytes_of(content));
  EXPECT_EQ(facts->sha256, sha256.finish_hex());
}

TEST_F(Files, FactsAreOfNoLinkAndNoFolder) {
  ASSERT_TRUE(write_file_durably(directory_ / "a", "1").has_value());
  fs::create_symlink("a", directory_ / "link");
  EXPECT_FALSE(describe_file(directory_ / "link").has_value());
  EXPECT_EQ(describe_file(directory_).error().code, ErrorCode::invalid_input);
}

TEST_F(Files, MakesMissingParents) {
  ASSERT_TRUE(make_directories(directory_ / "x/y/z").has_value());
  ASSERT_TRUE(make_directories(directory_ / "x/y/z").has_value());
  EXPECT_TRUE(fs::is_directory(directory_ / "x/y/z"));
  ASSERT_TRUE(write_file_durably(directory_ / "file", "").has_value());
  EXPECT_EQ(make_directories(directory_ / "file").error().code, ErrorCode::already_exists);
}

TEST(Log, TapSeesJsonWithEscapedFields) {
  std::string seen;
  log::set_tap([&](log::Level, std::string_view, const log::Fields&, std::string_view line) { seen = line; });
  log::warning("it \"broke\"", {{"job", "j1"}, {"attempt", 2}, {"seconds", 1.5}, {"final", true}});
  log::set_tap({});
  EXPECT_NE(seen.find(R"("level":"warning")"), std::string::npos) << seen;
  EXPECT_NE(seen.find(R"("message":"it \"broke\"","job":"j1","attempt":2,"seconds":1.5,"final":true})"),
            std::string::npos)
      << seen;
}

TEST(Log, LinesAreValidJsonWhateverTheMessageHolds) {
  std::string seen;
  log::set_tap([&](log::Level, std::string_view, const log::Fields&, std::string_view line) { seen = line; });
  log::warning("half \xe2\x98", {{"name", "\xff"}});
  log::set_tap({});
  EXPECT_TRUE(is_valid_utf8(seen)) << seen;
  EXPECT_NE(seen.find("\xef\xbf\xbd"), std::string::npos) << seen;
}

}  // namespace
}  // namespace vivid
