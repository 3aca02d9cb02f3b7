// An encoder session of the stand-in driver: its buffers, what is being encoded, and what has come out.
//
// Threads: one session, one thread at a time, as the real one.
#pragma once

#include <ffnvcodec/nvEncodeAPI.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/nvidia/device.h"
#include "tests/support/nvidia/picture_encoder.h"

namespace vivid::stand_in {

// Memory that pictures are read from: a buffer of ours, or device memory that was registered.
struct Surface {
  NV_ENC_BUFFER_FORMAT format = NV_ENC_BUFFER_FORMAT_UNDEFINED;
  int height = 0;
  int pitch = 0;
  std::vector<std::uint8_t> own;
  const std::uint8_t* data = nullptr;

  Picture picture() const;
};

class Session {
 public:
  Session(int gpu, SessionSlot slot) : gpu_(gpu), slot_(std::move(slot)) {}

  int gpu() const { return gpu_; }
  NVENCSTATUS initialize(const NV_ENC_INITIALIZE_PARAMS& params);
  NVENCSTATUS headers(NV_ENC_SEQUENCE_PARAM_PAYLOAD& payload) const;

  NVENCSTATUS create_input(NV_ENC_CREATE_INPUT_BUFFER& params);
  NVENCSTATUS lock_input(NV_ENC_LOCK_INPUT_BUFFER& params);
  NVENCSTATUS register_resource(NV_ENC_REGISTER_RESOURCE& params);
  NVENCSTATUS map_resource(NV_ENC_MAP_INPUT_RESOURCE& params);
  void forget_surface(void* surface) { surfaces_.erase(surface); }
  bool has_surface(void* surface) const { return surfaces_.contains(surface); }

  NVENCSTATUS create_output(NV_ENC_CREATE_BITSTREAM_BUFFER& params);
  void forget_output(void* output) { outputs_.erase(output); }
  NVENCSTATUS encode(const NV_ENC_PIC_PARAMS& params);
  NVENCSTATUS lock_output(NV_ENC_LOCK_BITSTREAM& params);

  std::string last_error;

 private:
  struct Output {
    std::optional<Coded> coded;
  };
  void hand_out(Coded coded);

  int gpu_;
  SessionSlot slot_;
  std::unique_ptr<PictureEncoder> encoder_;
  std::map<void*, std::unique_ptr<Surface>> surfaces_;
  std::map<void*, std::unique_ptr<Output>> outputs_;
  std::deque<void*> waiting_;  // outputs of pictures that have not come out, in the order they will
};

}  // namespace vivid::stand_in
