// The values that labels may have. Everything else is "other", so that the number of series has a bound.
//
// Threads: pure functions.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace vivid::daemon::labels {

std::span<const std::string_view> stages();
std::span<const std::string_view> lanes();
std::span<const std::string_view> job_states();
std::span<const std::string_view> final_states();
std::span<const std::string_view> job_classes();
std::span<const std::string_view> worker_states();
std::span<const std::string_view> worker_exits();
std::span<const std::string_view> encoders();
std::span<const std::string_view> timeouts();
std::span<const std::string_view> methods();
std::span<const std::string_view> submission_paths();
std::span<const std::string_view> verdicts();
std::span<const std::string_view> hold_problem_kinds();

// `value` itself if it is one of `allowed`, else "other".
std::string bounded(std::string_view value, std::span<const std::string_view> allowed);
// A code of base/error.h or one of `more`, else "other".
std::string bounded_code(std::string_view value, std::initializer_list<std::string_view> more = {});
// Why an encoder was not used, by kind: no_driver, no_device, no_session, no_memory, unsupported, other.
std::string_view fallback_kind(std::string_view reason);
// Why frames could not be held, by where the encoder's stream was not understood: parameters, slice, order, other.
std::string_view hold_problem_kind(std::string_view problem);

}  // namespace vivid::daemon::labels
