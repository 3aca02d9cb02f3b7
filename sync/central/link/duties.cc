#include "sync/central/link/duties.h"

#include <algorithm>

#include "base/log.h"

namespace vivid::sync {
namespace {

// A claim holds up renewals while its requests are written to the local disk.
constexpr int kMostClaimed = 64;
constexpr std::chrono::milliseconds kGivenBackFor{10'000};

}  // namespace

Status Duties::recognise(Session& session) {
  VIVID_ASSIGN(const std::string identity, server_identity(session));
  const std::string known = host_->known_server();
  if (known == identity) return {};
  if (!known.empty()) {
    log::warning("the central database is another server, or was restored: delivering again",
                 {{"known", known}, {"found", identity}});
    VIVID_TRY(host_->deliver_again());
  }
  return host_->remember_server(identity);
}

Status Duties::renew(Session& session) {
  VIVID_ASSIGN(const std::vector<HeldLease> held, host_->held());
  VIVID_ASSIGN(const Renewal renewal,
               vivid::sync::renew(session, options_->node, RequestPath::media, held, options_->lease));
  // One whose end the database refuses is held on to, and is lost with every renewal.
  std::set<std::pair<std::string, std::int64_t>> lost;
  std::int64_t newly_lost = 0;
  for (const HeldLease& lease : renewal.lost) {
    lost.emplace(lease.id, lease.fence);
    if (!lost_.contains({lease.id, lease.fence})) {
      ++newly_lost;
      log::warning("lease lost", {{"request", lease.id}, {"fence", lease.fence}});
    }
  }
  lost_ = std::move(lost);
  state_->change([&](LinkState& state) {
    state.last_renewal = clock_->now();
    state.leases_lost += newly_lost;
  });
  for (const HeldLease& lease : renewal.lost) host_->lease_lost(lease);
  if (renewal.released_orphans > 0) {
    log::warning("gave back requests that were claimed in vain", {{"requests", renewal.released_orphans}});
  }
  cancelled_.clear();
  for (const std::string& id : renewal.cancelled) cancel(id);
  return heartbeat(session);
}

Status Duties::heartbeat(Session& session) {
  VIVID_ASSIGN(const bool twin, vivid::sync::heartbeat(session, options_->node, host_->report(), options_->lease));
  // Twins find each other out in turns: one heartbeat without the other is not yet its end.
  constexpr int kWary = 2;
  constexpr int kSayAgain = 30;
  wary_of_twin_ = twin ? kWary : std::max(wary_of_twin_ - 1, 0);
  if (wary_of_twin_ == 0) twin_heartbeats_ = 0;
  if (twin && twin_heartbeats_++ % kSayAgain == 0) {
    log::error("another daemon goes by this node_id: claiming nothing until one of them is given another",
               {{"node_id", options_->node.node_id}});
  }
  return {};
}

Result<bool> Duties::deliver(Session& session) {
  VIVID_ASSIGN(const std::vector<Delivery> batch, host_->undelivered());
  if (batch.empty()) return false;
  VIVID_ASSIGN(const std::vector<Settled> settled, vivid::sync::deliver(session, options_->node, batch));
  VIVID_TRY(host_->settle(settled));
  state_->change([&](LinkState& state) {
    for (const Settled& one : settled) ++state.delivered[static_cast<std::size_t>(one.verdict)];
  });
  for (const Settled& one : settled) {
    if (one.verdict != Verdict::quarantined) continue;
    const auto row = std::find_if(batch.begin(), batch.end(), [&](const Delivery& d) { return d.seq == one.seq; });
    log::error("the central database refuses a delivery",
               {{"request", row == batch.end() ? std::string() : row->request_id},
                {"kind", row == batch.end() ? std::string() : row->kind},
                {"stage", row == batch.end() ? std::string() : row->stage},
                {"error", one.error}});
  }
  return true;
}

Status Duties::publish_progress(Session& session) {
  const std::vector<ProgressNote> notes = host_->progress();
  if (notes.empty()) return {};
  return vivid::sync::publish_progress(session, notes);
}

Status Duties::watch_cancelled(Session& session) {
  VIVID_ASSIGN(const std::vector<HeldLease> held, host_->held());
  if (held.empty()) return {};
  VIVID_ASSIGN(const std::vector<std::string> cancelled, cancelled_of(session, held));
  for (const std::string& id : cancelled) cancel(id);
  return {};
}

void Duties::heard_cancelled(const std::string& request_id) {
  const Result<std::vector<HeldLease>> held = host_->held();
  if (!held) return;  // the poll finds it
  const bool ours =
      std::any_of(held->begin(), held->end(), [&](const HeldLease& lease) { return lease.id == request_id; });
  if (ours) cancel(request_id);
}

void Duties::cancel(const std::string& request_id) {
  if (cancelled_.insert(request_id).second) host_->cancel(request_id);
}

int Duties::room() {
  if (has_twin()) return 0;
  return std::clamp(host_->free_slots(), 0, kMostClaimed);
}

Result<int> Duties::claim(Session& session, int room, bool lapsed_too) {
  ClaimOptions wanted;
  wanted.path = RequestPath::media;
  wanted.environment = options_->environment;
  wanted.lease = options_->lease;
  wanted.max_crashes = options_->max_crashes;
  wanted.limit = room;
  int got = 0;
  if (lapsed_too) {
    VIVID_ASSIGN(got, claim_lapsed(session, wanted));
  }
  bool came_alone = true;
  while (got < room && came_alone) {
    wanted.limit = room - got;
    VIVID_ASSIGN(const std::vector<ClaimedRequest> pending, vivid::sync::claim(session, options_->node, wanted));
    VIVID_TRY(take(session, pending, &LinkState::claimed));
    got += static_cast<int>(pending.size());
    came_alone = !pending.empty() && pending.front().crashes > 0;
  }
  return got;
}

Result<int> Duties::claim_lapsed(Session& session, ClaimOptions wanted) {
  int got = 0;
  for (; wanted.limit > 0; --wanted.limit) {
    VIVID_ASSIGN(const Reclaimed lapsed, reclaim(session, options_->node, wanted));
    if (lapsed.buried > 0) {
      log::error("requests have crashed their hosts too often and are given up", {{"requests", lapsed.buried}});
    }
    if (!lapsed.request) break;
    VIVID_TRY(take(session, {*lapsed.request}, &LinkState::reclaimed));
    ++got;
  }
  return got;
}

Status Duties::take(Session& session, const std::vector<ClaimedRequest>& requests, std::int64_t LinkState::*counter) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (const Status taken = host_->accept(requests[i]); !taken) {
      give_back(session, requests, i, taken.error());
      return tl::make_unexpected(taken.error());
    }
    state_->change([&](LinkState& state) { ++(state.*counter); });
  }
  return {};
}

void Duties::give_back(Session& session, const std::vector<ClaimedRequest>& requests, std::size_t from,
                       const Error& error) {
  // Only the first waits: it may be what upsets its hosts. Another host may take the rest at once.
  std::vector<Release> releases;
  for (std::size_t i = from; i < requests.size(); ++i) {
    Release release{requests[i].id, requests[i].fence, std::chrono::milliseconds(0), error.describe()};
    if (i == from) {
      release.retry_after =
          kGivenBackFor + std::chrono::milliseconds(random_->up_to(static_cast<std::uint64_t>(kGivenBackFor.count())));
    }
    releases.push_back(std::move(release));
  }
  // What cannot be given back now is an orphan, which the next renewal gives back.
  const Status released = release(session, options_->node, releases);
  log::warning("cannot take a request, giving back what was claimed", {{"request", requests[from].id},
                                                                       {"requests", releases.size()},
                                                                       {"error", error.describe()},
                                                                       {"given_back", released.has_value()}});
}

}  // namespace vivid::sync
