#include "daemon/vividd/central.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "daemon/vividd/central_settings.h"
#include "daemon/vividd/job_json.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr std::chrono::milliseconds kDeliveryPoll{100};
constexpr std::chrono::milliseconds kTextGrace{1'000};
constexpr std::array kVerdicts{sync::Verdict::applied, sync::Verdict::duplicate, sync::Verdict::stale,
                               sync::Verdict::unknown, sync::Verdict::quarantined};

json time_or_null(const std::optional<WallTime>& time) { return time ? json(to_iso8601(*time)) : json(nullptr); }
json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

Seconds oldest_undelivered(const Parts& parts) {
  if (!parts.counts || !parts.counts->oldest_outbox_at) return Seconds(0);
  return std::max(Seconds(0), Seconds(parts.clock.now() - *parts.counts->oldest_outbox_at));
}

sync::NodeReport report_of(const Parts& parts) {
  json capacity = json::object();
  json load = json::object();
  for (const std::string& lane : all_lanes()) {
    capacity[lane] = parts.dispatcher->capacity_of(lane);
    load[lane] = parts.dispatcher->running_in(lane);
  }
  std::int64_t waiting = 0;
  if (parts.counts) {
    for (const auto& [state, count] : parts.counts->jobs) {
      if (state == queue::JobState::queued) waiting = count;
    }
    load["outbox_rows"] = parts.counts->outbox_rows;
  }
  load["jobs_waiting"] = waiting;
  load["disk_free_bytes"] = parts.admission->disk_free_bytes();
  return {to_text(capacity), to_text(load), parts.state != RunState::running};
}

}  // namespace

Central::Central(Parts& parts, std::function<void(const queue::JobSummary& job)> cancelled)
    : parts_(parts), delivery_timer_(parts.loop) {
  host_ = std::make_unique<CentralHost>(
      CentralHost::Parts{parts.clock, *parts.queue, *parts.store, *parts.spool, parts.mailbox->poster(),
                         parts.config.paths.state_directory / "central-server"},
      central_settings(parts.config), events(std::move(cancelled)));
  text_host_ = std::make_unique<TextHost>(
      TextHost::Parts{parts.clock, *parts.scripts, *parts.metrics,
                      [&pool = *parts.text_pool](std::function<void()> work) {
                        return pool.submit([work = std::move(work)] { return work(), true; }, [](bool) {});
                      }},
      text_settings(parts.config));
  const sync::LinkOptions options = link_options(parts.config);
  link_ = std::make_unique<sync::CentralLink>(options, *host_, parts.clock);
  text_link_ = std::make_unique<sync::TextLink>(sync::TextLinkOptions{options, parts.config.central.text_batch},
                                                *text_host_, parts.clock);
  link_->set_on_hint([this] { text_link_->wake(); });
}

Central::~Central() { stop(); }

CentralEvents Central::events(std::function<void(const queue::JobSummary& job)> cancelled) {
  CentralEvents events;
  events.taken = [this](const std::string& uid, queue::JobState state, bool refused) {
    parts_.metrics->submission("media", refused ? to_text(ErrorCode::invalid_input) : "created");
    parts_.board->changed(uid, state);
    parts_.dispatcher->wake();
  };
  events.stop = [this](const std::string& uid) { parts_.dispatcher->stop_job(uid); };
  events.cancelled = std::move(cancelled);
  events.in_background = [this](std::function<void()> work) {
    return parts_.stage_pool->submit([work = std::move(work)] { return work(), true; }, [](bool) {}).has_value();
  };
  return events;
}

void Central::start() {
  refresh();
  link_->start();
  text_link_->start();
}

void Central::wake() { link_->wake(); }

void Central::refresh() {
  const bool running = parts_.state == RunState::running && parts_.recovered;
  host_->set_taking(running && parts_.admission->open());
  // Texts need no room on the disk.
  text_host_->set_taking(running);
  host_->set_report(report_of(parts_));
  look_at_held();
  observe();
}

void Central::take_settings() {
  host_->set_settings(central_settings(parts_.config));
  text_host_->set_settings(text_settings(parts_.config));
}

void Central::look_at_held() {
  if (looking_) return;
  const Status asked = parts_.watch_pool->submit([&queue = *parts_.queue] { return queue.held(); },
                                                 [this](const Result<std::vector<queue::HeldRequest>>& held) {
                                                   looking_ = false;
                                                   if (held) leases_held_ = static_cast<std::int64_t>(held->size());
                                                 });
  looking_ = asked.has_value();
}

void Central::observe() const {
  const sync::LinkState state = link_->state();
  CentralObservation seen;
  seen.connected = state.connected;
  seen.claims = state.claimed;
  seen.reclaims = state.reclaimed;
  seen.leases_lost = state.leases_lost;
  seen.leases_held = leases_held_;
  for (const sync::Verdict verdict : kVerdicts) {
    seen.deliveries.emplace_back(to_text(verdict), state.delivered[static_cast<std::size_t>(verdict)]);
  }
  if (parts_.counts) {
    seen.undelivered = parts_.counts->outbox_rows;
    seen.quarantined = parts_.counts->outbox_quarantined;
  }
  seen.oldest_undelivered = oldest_undelivered(parts_);
  parts_.metrics->observe(seen);
}

void Central::when_delivered(SteadyTime limit, std::function<void()> then) {
  link_->wake();
  delivery_timer_.once(kDeliveryPoll, [this, limit, then = std::move(then)] {
    if (!link_->state().connected || parts_.clock.steady_now() >= limit) return then();
    const Status asked =
        parts_.watch_pool->submit([&queue = *parts_.queue] { return queue.outbox(1); },
                                  [this, limit, then](const Result<std::vector<queue::OutboxRow>>& rows) {
                                    if (!rows || rows->empty()) return then();
                                    when_delivered(limit, then);
                                  });
    if (!asked) then();
  });
}

void Central::stop() {
  if (std::exchange(stopped_, true)) return;
  // The hint comes from the first.
  link_->stop();
  text_link_->stop(kTextGrace);
}

std::string Central::concern() const {
  const sync::LinkState state = link_->state();
  if (state.connected) return state.last_error.empty() ? "" : "the central database: " + state.last_error;
  return "the central database is not connected" + (state.last_error.empty() ? "" : ": " + state.last_error);
}

json Central::status() const {
  const sync::LinkState state = link_->state();
  const sync::TextLinkState text = text_link_->state();
  json delivered = json::object();
  for (const sync::Verdict verdict : kVerdicts) {
    delivered[std::string(to_text(verdict))] = state.delivered[static_cast<std::size_t>(verdict)];
  }
  const std::int64_t undelivered = parts_.counts ? parts_.counts->outbox_rows : 0;
  return {{"connected", state.connected},
          {"listening", state.listening},
          {"server", text_or_null(state.server)},
          {"last_error", text_or_null(state.last_error)},
          {"connected_since", time_or_null(state.connected_since)},
          {"last_renewal", time_or_null(state.last_renewal)},
          {"reconnects", state.reconnects},
          {"leases_held", leases_held_},
          {"leases_lost", state.leases_lost},
          {"claimed", state.claimed},
          {"reclaimed", state.reclaimed},
          {"delivered", delivered},
          {"undelivered", undelivered},
          {"oldest_undelivered_seconds", oldest_undelivered(parts_).count()},
          {"quarantined", parts_.counts ? parts_.counts->outbox_quarantined : 0},
          {"text",
           {{"connected", text.connected},
            {"last_error", text_or_null(text.last_error)},
            {"completed", text.completed},
            {"failed", text.failed},
            {"given_back", text.given_back}}}};
}

}  // namespace vivid::daemon
