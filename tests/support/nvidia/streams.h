// Streams and events of the stand-in driver. What is queued in a stream that was made as one of its own is done only
// when somebody waits for it, so that whoever forgets to wait, or lets a stream not wait for another one, sees samples
// that are not there yet. The default stream, and streams that follow it, do everything at once.
//
// Threads: any; one lock.
#pragma once

#include <ffnvcodec/dynlink_cuda.h>

#include <functional>

namespace vivid::stand_in {

void do_in(CUstream stream, std::function<void()> work);
// What every stream has queued.
void finish_all();

// Of the calling thread's context; -1: it has none.
int current_gpu();

}  // namespace vivid::stand_in
