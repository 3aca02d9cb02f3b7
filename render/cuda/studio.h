// Canvases in the memory of a GPU: the same samples as those of this machine's memory.
//
// Threads: as Studio; studios of one family, a studio and its forks, share the pictures they brought over. Errors:
// those of the device: unavailable means that it is lost, and with it everything of this process on it.
#pragma once

#include <memory>

#include "render/compose/studio.h"
#include "render/cuda/device.h"

namespace vivid::render::cuda {

std::unique_ptr<Studio> make_studio(std::shared_ptr<Device> device);

}  // namespace vivid::render::cuda
