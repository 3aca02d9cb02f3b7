// vivid-render --worker: runs the stages vividd asks for, one at a time, until the socket closes or SIGTERM comes.
//
// Fonts, voice and encoder libraries stay loaded between tasks. Threads: runs on the caller's. Errors: those of the
// channel; a failed stage is an answer, not an error.
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "render/vivid_render/message_channel.h"

namespace vivid::render {

Status run_worker(MessageChannel& channel, const Clock& clock);

}  // namespace vivid::render
