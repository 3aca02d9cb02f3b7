// A private PostgreSQL with the whole central schema, and what a platform would put into it.
//
// The server is started once for all tests of a program; each test has a database of its own, a copy of the migrated
// one. A test that stops or restarts the server starts it again before it ends.
//
// Threads: one thread, except that open() and sql() may be called from several.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sync/central/lease/claims.h"
#include "sync/central/session/session.h"
#include "tests/support/postgres_server.h"

namespace vivid::test {

// A request as the platform inserts it; what is empty is NULL or the column's default.
struct RequestRow {
  std::string topic = "Newton's laws";
  std::string student_id = "student";
  std::string organization_id = "org";
  std::string modalities = R"(["video"])";  // JSON
  std::string preferred = "video";
  std::string preferences = "{}";  // JSON
  std::string metadata;            // JSON
  std::string status = "pending";
  std::string created_at;  // "2026-01-01 10:00:00"
};

class CentralTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  PostgresServer& server() const;
  std::string url() const { return server().url(database_); }
  // As a role of the server that is not its owner.
  std::string url_as(const std::string& role) const;
  sync::SessionOptions session_options() const;
  // The test fails when there is no connection to be had.
  sync::Session open() const { return open(session_options()); }
  sync::Session open(const sync::SessionOptions& options) const;

  // Fails the test when the statement fails.
  void sql(const std::string& text) const;
  // First column of the first row; "" for none or NULL.
  std::string value(const std::string& query) const;
  int count(const std::string& query) const { return std::stoi(value(query)); }

  // An organization "org", a user "student" of grade 10 in it, the topics "newton" and "photosynthesis", the interest
  // "basketball": there from the start.
  void add_user(const std::string& user_id, const std::string& organization_id = "org") const;
  // Its id.
  std::string add_request(const RequestRow& row = {}) const;
  // Text only, so many at once, created one second after the other.
  void add_text_requests(int how_many) const;

  sync::NodeIdentity node(const std::string& name = "node-a", int pid = 100) const;
  // As if nobody had restarted the server or stopped renewing for a long time.
  void open_gate() const;
  // As if the request's lease had run out a second ago.
  void lapse(const std::string& request_id) const;

  std::string database_;
};

}  // namespace vivid::test
