// Several real daemons, each on a host of its own, at one real database and one object store.
//
// Threads: one thread. Ownership: daemons and their folders go with the test.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/daemon_process.h"
#include "tests/integration/central/central_fixture.h"
#include "tests/support/temporary_folder.h"

namespace vivid::test {

class FleetTest : public CentralTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  // A daemon whose leases last a few seconds, so that a death is noticed soon. Not started.
  e2e::DaemonProcess& add_host(const std::string& name, const std::string& database_url = "");
  e2e::DaemonProcess& host(const std::string& name) { return *hosts_.at(name); }

  // Inserts a request with this script; its id.
  std::string add_media_request(const nlohmann::json& script, const std::string& modalities = R"(["video"])");
  std::string add_text_request();
  std::string status_of(const std::string& request_id) const;

  // Until the query's first value is `wanted`; the test fails when it is not so within the limit.
  bool wait_for(const std::string& query, const std::string& wanted, std::chrono::seconds limit) const;
  bool wait_until_all_over(std::chrono::seconds limit) const;

  // Name of the host that holds the request's lease.
  std::string holder_of(const std::string& request_id) const;
  // What is inconsistent in the database and in the object store, a line each.
  std::vector<std::string> audit() const;

  const TemporaryFolder folder_;
  const std::filesystem::path& objects_ = folder_.path();
  std::map<std::string, std::unique_ptr<e2e::DaemonProcess>> hosts_;
};

// From the environment, so that a long run is the same test: VIVID_FLEET_REQUESTS and the like.
int setting(const char* name, int otherwise);

}  // namespace vivid::test
