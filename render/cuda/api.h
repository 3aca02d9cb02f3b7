// The functions of NVIDIA's driver that drawing takes, found when the program runs: it neither links to nor needs them.
//
// Threads: immutable. Errors: unsupported where the driver, or one of the functions, is not there.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/error.h"
#include "render/gpu/shared_library.h"

namespace vivid::render::cuda {

using Address = unsigned long long;  // in device memory
using Context = struct ContextTag*;
using Module = struct ModuleTag*;
using Function = struct FunctionTag*;
using Stream = struct StreamTag*;
using Event = struct EventTag*;

// As cuda.h lays it out (CUDA_MEMCPY2D).
struct Copy2D {
  std::size_t from_x, from_y;
  int from_kind;
  const void* from_host;
  Address from_device;
  void* from_array;
  std::size_t from_pitch;
  std::size_t to_x, to_y;
  int to_kind;
  void* to_host;
  Address to_device;
  void* to_array;
  std::size_t to_pitch;
  std::size_t width_bytes, height;
};
inline constexpr int kHostMemory = 1;
inline constexpr int kDeviceMemory = 2;
inline constexpr unsigned kStreamOfItsOwn = 1;  // CU_STREAM_NON_BLOCKING
inline constexpr unsigned kEventWithoutTime = 2;

struct Api {
  int (*init)(unsigned) = nullptr;
  int (*device_count)(int*) = nullptr;
  int (*device_get)(int*, int) = nullptr;
  int (*device_name)(char*, int, int) = nullptr;
  int (*retain)(Context*, int) = nullptr;
  int (*release)(int) = nullptr;
  int (*push)(Context) = nullptr;
  int (*pop)(Context*) = nullptr;
  int (*load_module)(Module*, const void*) = nullptr;
  int (*unload_module)(Module) = nullptr;
  int (*find_function)(Function*, Module, const char*) = nullptr;
  int (*launch)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream, void**,
                void**) = nullptr;
  int (*allocate)(Address*, std::size_t) = nullptr;
  int (*free)(Address) = nullptr;
  int (*allocate_pinned)(void**, std::size_t, unsigned) = nullptr;
  int (*free_pinned)(void*) = nullptr;
  int (*upload)(Address, const void*, std::size_t, Stream) = nullptr;
  int (*copy_device)(Address, Address, std::size_t, Stream) = nullptr;
  int (*copy_2d)(const Copy2D*, Stream) = nullptr;
  int (*make_stream)(Stream*, unsigned) = nullptr;
  int (*destroy_stream)(Stream) = nullptr;
  int (*wait_for_stream)(Stream) = nullptr;
  int (*let_stream_wait)(Stream, Event, unsigned) = nullptr;
  int (*make_event)(Event*, unsigned) = nullptr;
  int (*destroy_event)(Event) = nullptr;
  int (*record)(Event, Stream) = nullptr;
  int (*wait_for_event)(Event) = nullptr;
  int (*elapsed)(float*, Event, Event) = nullptr;
  int (*error_name)(int, const char**) = nullptr;

  std::unique_ptr<SharedLibrary> library;

  // What a result code means: unavailable for a device that is lost or no longer sound, resource_exhausted for too
  // little memory, else internal.
  Status check(int code, const char* what) const;
};

// `library`: a name or path, libcuda.so.1 as a rule.
Result<std::shared_ptr<const Api>> load_api(const std::string& library);

}  // namespace vivid::render::cuda
