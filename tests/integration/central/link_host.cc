#include "tests/integration/central/link_host.h"

namespace vivid::test {

using std::chrono::milliseconds;
using sync::Delivery;
using sync::HeldLease;
using sync::Settled;

using Lock = std::lock_guard<std::mutex>;

int MemoryHost::free_slots() {
  const Lock lock(mutex_);
  return slots - static_cast<int>(held_.size());
}

Status MemoryHost::accept(const sync::ClaimedRequest& request) {
  const Lock lock(mutex_);
  if (refuses) return fail(ErrorCode::disk_full, "no room");
  ++accepted_[request.id];
  held_[request.id] = request.fence;
  if (finishes_at_once) {
    finish_locked(request.id, request.fence);
    if (on_change) on_change();
  }
  changed_.notify_all();
  return {};
}

void MemoryHost::finish_locked(const std::string& id, std::int64_t fence) {
  const std::int64_t seq = next_seq_++;
  outbox_[seq] = Delivery{seq, id, fence, "final", "", 0, completed_body()};
}

void MemoryHost::finish(const std::string& id) {
  const Lock lock(mutex_);
  finish_locked(id, held_.at(id));
}

void MemoryHost::hold(const std::string& id, std::int64_t fence) {
  const Lock lock(mutex_);
  held_[id] = fence;
}

Result<std::vector<HeldLease>> MemoryHost::held() {
  const Lock lock(mutex_);
  std::vector<HeldLease> leases;
  for (const auto& [id, fence] : held_) leases.push_back({id, fence});
  return leases;
}

void MemoryHost::lease_lost(const HeldLease& lease) {
  const Lock lock(mutex_);
  // What it has finished waits for its verdict.
  for (const auto& [seq, delivery] : outbox_) {
    if (delivery.request_id == lease.id) return;
  }
  lost_.push_back(lease.id);
  held_.erase(lease.id);
  changed_.notify_all();
}

void MemoryHost::cancel(const std::string& request_id) {
  const Lock lock(mutex_);
  cancelled_.insert(request_id);
  changed_.notify_all();
}

Result<std::vector<Delivery>> MemoryHost::undelivered() {
  const Lock lock(mutex_);
  std::vector<Delivery> deliveries;
  for (const auto& [seq, delivery] : outbox_) {
    if (static_cast<int>(deliveries.size()) == batch) break;
    deliveries.push_back(delivery);
  }
  return deliveries;
}

Status MemoryHost::settle(const std::vector<Settled>& settled) {
  const Lock lock(mutex_);
  for (const Settled& one : settled) {
    const auto row = outbox_.find(one.seq);
    if (row == outbox_.end()) return fail(ErrorCode::internal, "a verdict for what was not sent");
    ++verdicts_[one.verdict];
    held_.erase(row->second.request_id);
    settled_.insert(*row);
    outbox_.erase(row);
  }
  if (on_change) on_change();
  changed_.notify_all();
  return {};
}

Status MemoryHost::deliver_again() {
  const Lock lock(mutex_);
  ++deliver_again_;
  outbox_.merge(settled_);
  changed_.notify_all();
  return {};
}

std::vector<sync::ProgressNote> MemoryHost::progress() { return {}; }

std::string MemoryHost::known_server() {
  const Lock lock(mutex_);
  return known;
}

Status MemoryHost::remember_server(const std::string& identity) {
  const Lock lock(mutex_);
  known = identity;
  changed_.notify_all();
  return {};
}

std::map<std::string, int> MemoryHost::accepted() {
  const Lock lock(mutex_);
  return accepted_;
}

std::map<sync::Verdict, int> MemoryHost::verdicts() {
  const Lock lock(mutex_);
  return verdicts_;
}

std::set<std::string> MemoryHost::cancelled() {
  const Lock lock(mutex_);
  return cancelled_;
}

std::vector<std::string> MemoryHost::lost() {
  const Lock lock(mutex_);
  return lost_;
}

int MemoryHost::told_to_deliver_again() {
  const Lock lock(mutex_);
  return deliver_again_;
}

sync::LinkOptions quick_options(const std::string& url, const sync::NodeIdentity& node) {
  sync::LinkOptions options;
  options.database = url;
  options.node = node;
  options.renew_interval = milliseconds(1'000);
  options.poll_minimum = milliseconds(100);
  options.poll_maximum = milliseconds(300);
  options.progress_interval = milliseconds(200);
  options.rollup_interval = milliseconds(500);
  options.reconnect = {milliseconds(50), milliseconds(500), 2.0};
  options.connect_timeout = std::chrono::seconds(20);
  options.seed = 1;
  return options;
}

std::string completed_body() {
  return R"({"status": "completed", "at_us": 1800000000000000,
             "content": {"title": "Newton's laws", "modality_type": "video", "video_url": "file:///video.mp4"},
             "stages": [], "costs": [], "usage": ["video"]})";
}

}  // namespace vivid::test
