// A PostgreSQL with the platform's schema for real daemons, and a student and an organization in it.
//
// Threads: one. Ownership: the server goes with the test.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/e2e/daemon_process.h"
#include "tests/support/postgres_server.h"

namespace vivid::e2e {

class Central : public ::testing::Test {
 protected:
  void SetUp() override;

  std::string url(const std::string& role = "postgres") const;
  void sql(const std::string& text) const;
  // First column of the first row; "" for none or NULL.
  std::string value(const std::string& query) const;
  // A column of the request.
  std::string of(const std::string& id, const std::string& column) const;
  bool wait_for(const std::string& query, const std::string& wanted, std::chrono::milliseconds limit) const;
  bool wait_for_status(const std::string& id, const std::string& status) const;
  // A request of the student's; its id.
  std::string insert(const std::string& modalities, const nlohmann::json& metadata,
                     const std::string& grade = "Grade 10") const;
  // What docs/audit.sql finds, a line each.
  std::string audit() const;
  // Makes it a host of this database.
  void configure(DaemonProcess& daemon) const;

  std::unique_ptr<test::PostgresServer> server_;
};

}  // namespace vivid::e2e
