// Requests under a lease, bodies to deliver, and whole tables to compare.
#pragma once

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sync/central/results/deliveries.h"
#include "tests/integration/central/central_fixture.h"

namespace vivid::test {

using nlohmann::json;
using sync::Delivery;
using sync::Settled;
using sync::Verdict;

inline constexpr std::int64_t kSecond = 1'000'000;

class ResultsTest : public CentralTest {
 protected:
  // A request that `host` has claimed.
  struct Held {
    std::string id;
    std::int64_t fence = 0;
  };
  Held hold(const RequestRow& row = {}, const std::string& host = "node-a") const;
  // As a reclaim does: a new fence for another host.
  Held taken_over(const Held& held, const std::string& host = "node-b") const;

  static Delivery delivery(const Held& held, const std::string& kind, const json& body, const std::string& stage = "",
                           int attempt = 0);
  // validation, video_generation, notification; audio_synthesis skipped.
  static Delivery accepted(const Held& held);
  static Delivery stage(const Held& held, const std::string& name, const std::string& request_status, int attempt = 1,
                        const std::string& status = "completed");
  static json completed_body();
  static json failed_body();
  static Delivery completed(const Held& held) { return delivery(held, "final", completed_body()); }

  // Verdicts in order; fails the test when nothing is known.
  std::vector<Verdict> deliver(const std::vector<Delivery>& deliveries) const;
  std::vector<Settled> settle(sync::Session& session, const std::vector<Delivery>& deliveries) const;

  // Every row of every table that a delivery may write, as text.
  std::string dump() const;
  // What docs/audit.sql prints.
  std::string audit() const;
  std::string of(const Held& held, const std::string& column) const {
    return value("SELECT " + column + " FROM content_requests WHERE id = '" + held.id + "'");
  }
  std::string content(const Held& held, const std::string& column) const {
    return value("SELECT " + column + " FROM content_metadata WHERE content_id = 'vivid_" + held.id + "'");
  }
  std::string stage_of(const Held& held, const std::string& name, const std::string& column) const {
    return value("SELECT " + column + " FROM request_stages WHERE request_id = '" + held.id + "' AND stage_name = '" +
                 name + "'");
  }
};

}  // namespace vivid::test
