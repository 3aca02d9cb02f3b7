#include "daemon/loop/child_process.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "daemon/loop/line_splitter.h"
#include "daemon/loop/process_facts.h"
#include "daemon/loop/timer.h"

extern char** environ;

namespace vivid::daemon {
namespace {

constexpr std::size_t kMaxOutputLineBytes = 64 * 1024;
// How long what the process left in its pipes may take to arrive after its end: grandchildren can hold them open.
constexpr std::chrono::milliseconds kDrainTime{500};

struct Write {
  uv_write_t request{};
  std::string bytes;
};

}  // namespace

struct ChildProcess::State {
  State(uv_loop_t* on_loop, const ChildOptions& options, ChildEvents with_events)
      : loop(on_loop),
        events(std::move(with_events)),
        grace_timer(std::make_unique<Timer>(on_loop)),
        drain_timer(std::make_unique<Timer>(on_loop)),
        messages(options.max_message_bytes, LineSplitter::Overlong::refuse),
        output(kMaxOutputLineBytes, LineSplitter::Overlong::cut),
        errors(kMaxOutputLineBytes, LineSplitter::Overlong::cut) {}

  uv_loop_t* loop;
  ChildEvents events;
  std::unique_ptr<Timer> grace_timer;
  std::unique_ptr<Timer> drain_timer;
  LineSplitter messages, output, errors;

  uv_process_t process{};
  uv_pipe_t input_pipe{}, output_pipe{}, error_pipe{}, channel{};
  bool input_open = false, output_open = false, error_open = false, channel_open = false;
  int open_handles = 0;  // libuv owns this object until all of them are closed
  std::uint64_t start_ticks = 0;
  std::uint64_t kill_at = 0;  // on the loop's clock, while grace_timer runs
  bool exited = false;
  bool orphaned = false;
  bool told = false;
  ChildExit exit;
  std::array<char, 64 * 1024> buffer{};

  static State* of(const void* handle) { return static_cast<State*>(static_cast<const uv_handle_t*>(handle)->data); }

  void open_pipe(uv_pipe_t& pipe, bool& flag) {
    VIVID_CHECK(uv_pipe_init(loop, &pipe, 0) == 0);
    pipe.data = this;
    flag = true;
    ++open_handles;
  }

  template <typename Handle>
  void close(Handle& handle) {
    uv_close(reinterpret_cast<uv_handle_t*>(&handle), [](uv_handle_t* closed) noexcept {
      State* self = of(closed);
      --self->open_handles;
      self->delete_if_done();
    });
  }

  void close_pipe(uv_pipe_t& pipe, bool& flag) {
    if (!flag) return;
    flag = false;
    close(pipe);
  }

  void close_all_pipes() {
    close_pipe(input_pipe, input_open);
    close_pipe(output_pipe, output_open);
    close_pipe(error_pipe, error_open);
    close_pipe(channel, channel_open);
  }

  void delete_if_done() {
    if (orphaned && open_handles == 0) delete this;
  }

  LineSplitter& splitter_of(const uv_stream_t* stream) {
    if (stream == reinterpret_cast<uv_stream_t*>(&channel)) return messages;
    return stream == reinterpret_cast<uv_stream_t*>(&output_pipe) ? output : errors;
  }

  void start_reading(uv_pipe_t& pipe) {
    const int rc = uv_read_start(
        reinterpret_cast<uv_stream_t*>(&pipe),
        [](uv_handle_t* handle, std::size_t, uv_buf_t* into) noexcept {
          State* self = of(handle);
          *into = uv_buf_init(self->buffer.data(), static_cast<unsigned>(self->buffer.size()));
        },
        [](uv_stream_t* stream, ssize_t count, const uv_buf_t* bytes) noexcept {
          of(stream)->on_read(stream, count, bytes->base);
        });
    VIVID_CHECK(rc == 0);
  }

  void on_read(uv_stream_t* stream, ssize_t count, const char* bytes) {
    const bool is_channel = stream == reinterpret_cast<uv_stream_t*>(&channel);
    LineSplitter& splitter = splitter_of(stream);
    const auto deliver = [this, is_channel](std::string_view line) {
      const auto& handler = is_channel ? events.on_message : events.on_output;
      if (!orphaned && handler) handler(line);
    };
    if (count > 0) {
      if (splitter.feed({bytes, static_cast<std::size_t>(count)}, deliver)) return;
      close_pipe(channel, channel_open);
      if (!orphaned && events.on_bad_message) events.on_bad_message();
      return;
    }
    if (count == 0) return;
    // Half a message says nothing: whoever wrote it was interrupted.
    if (!is_channel) splitter.finish(deliver);
    if (is_channel) {
      close_pipe(channel, channel_open);
    } else if (stream == reinterpret_cast<uv_stream_t*>(&output_pipe)) {
      close_pipe(output_pipe, output_open);
    } else {
      close_pipe(error_pipe, error_open);
    }
    tell_if_over();
  }

  void on_process_exit(std::int64_t status, int signal) {
    exited = true;
    exit = {status, signal};
    // Whatever the leader left in its group goes with it.
    ::kill(-process.pid, SIGKILL);
    grace_timer.reset();
    close(process);
    if (orphaned) return;
    drain_timer->once(kDrainTime, [this] {
      close_all_pipes();
      tell_if_over();
    });
    tell_if_over();
  }

  void tell_if_over() {
    if (!exited || told || orphaned || output_open || error_open || channel_open) return;
    told = true;
    close_all_pipes();
    drain_timer->stop();
    if (events.on_exit) {
      const auto handler = std::move(events.on_exit);
      events.on_exit = nullptr;
      handler(exit);
    }
  }

  void write(uv_pipe_t& pipe, std::string bytes) {
    auto* write = new Write{{}, std::move(bytes)};
    write->request.data = write;
    const uv_buf_t buffer_view = uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
    const int rc = uv_write(&write->request, reinterpret_cast<uv_stream_t*>(&pipe), &buffer_view, 1,
                            [](uv_write_t* request, int) noexcept { delete static_cast<Write*>(request->data); });
    // A child that is going away refuses; its exit tells the rest.
    if (rc != 0) delete write;
  }
};

std::string ChildExit::describe() const {
  if (signal == 0) return "ended with status " + std::to_string(status);
  const char* name = sigabbrev_np(signal);
  return "was killed by " + (name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal));
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::spawn(uv_loop_t* loop, const ChildOptions& options,
                                                          ChildEvents events) {
  VIVID_CHECK(!options.arguments.empty());
  auto* state = new State(loop, options, std::move(events));
  std::array<uv_stdio_container_t, 4> stdio{};
  const auto pipe = [&](std::size_t fd, uv_pipe_t& handle, bool& flag, int direction) {
    state->open_pipe(handle, flag);
    stdio[fd].flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | direction);
    stdio[fd].data.stream = reinterpret_cast<uv_stream_t*>(&handle);
  };
  stdio[0].flags = UV_IGNORE;
  if (options.with_input) pipe(0, state->input_pipe, state->input_open, UV_READABLE_PIPE);
  pipe(1, state->output_pipe, state->output_open, UV_WRITABLE_PIPE);
  pipe(2, state->error_pipe, state->error_open, UV_WRITABLE_PIPE);
  if (options.with_channel) {
    pipe(3, state->channel, state->channel_open, UV_READABLE_PIPE | UV_WRITABLE_PIPE);
  }

  std::vector<char*> arguments;
  for (const std::string& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  for (const std::string& entry : options.extra_environment) environment.push_back(const_cast<char*>(entry.c_str()));
  environment.push_back(nullptr);

  uv_process_options_t how{};
  how.file = arguments[0];
  how.args = arguments.data();
  how.env = environment.data();
  how.flags = UV_PROCESS_DETACHED;  // a session, and so a group, of its own
  how.stdio = stdio.data();
  how.stdio_count = options.with_channel ? 4 : 3;
  how.exit_cb = [](uv_process_t* process, std::int64_t status, int signal) noexcept {
    State::of(process)->on_process_exit(status, signal);
  };
  state->process.data = state;
  const int rc = uv_spawn(loop, &state->process, &how);
  ++state->open_handles;
  if (rc != 0) {
    state->orphaned = true;
    state->close(state->process);
    state->close_all_pipes();
    return tl::make_unexpected(errno_error(-rc, "start " + options.arguments[0]));
  }
  state->start_ticks = process_start_ticks(state->process.pid);
  state->start_reading(state->output_pipe);
  state->start_reading(state->error_pipe);
  if (options.with_channel) state->start_reading(state->channel);
  return std::unique_ptr<ChildProcess>(new ChildProcess(state));
}

ChildProcess::~ChildProcess() {
  State* state = state_;
  // The callbacks stay until the handles are closed: one of them may be running now.
  state->orphaned = true;
  state->drain_timer.reset();
  state->grace_timer.reset();
  if (!state->exited) ::kill(-state->process.pid, SIGKILL);
  state->close_all_pipes();
  state->delete_if_done();
}

std::int32_t ChildProcess::pid() const { return state_->process.pid; }
std::uint64_t ChildProcess::start_ticks() const { return state_->start_ticks; }

void ChildProcess::send(std::string line) {
  line += '\n';
  if (state_->channel_open) state_->write(state_->channel, std::move(line));
}

void ChildProcess::close_channel() { state_->close_pipe(state_->channel, state_->channel_open); }

void ChildProcess::write_input(std::string bytes) {
  if (!state_->input_open) return;
  state_->write(state_->input_pipe, std::move(bytes));
  auto* request = new uv_shutdown_t;
  const int rc =
      uv_shutdown(request, reinterpret_cast<uv_stream_t*>(&state_->input_pipe), [](uv_shutdown_t* done, int) noexcept {
        State* state = State::of(done->handle);
        state->close_pipe(state->input_pipe, state->input_open);
        delete done;
      });
  if (rc != 0) delete request;
}

void ChildProcess::end(std::chrono::milliseconds grace) {
  if (state_->exited) return;
  ::kill(-state_->process.pid, SIGTERM);
  uv_update_time(state_->loop);
  const std::uint64_t kill_at =
      uv_now(state_->loop) + static_cast<std::uint64_t>(std::max<std::int64_t>(0, grace.count()));
  if (state_->grace_timer->active() && kill_at >= state_->kill_at) return;
  state_->kill_at = kill_at;
  state_->grace_timer->once(grace, [state = state_] {
    if (!state->exited) ::kill(-state->process.pid, SIGKILL);
  });
}

}  // namespace vivid::daemon
