// What determines the bytes of a span, all of it, as one digest: a span with the same key need not be encoded again.
//
// Threads: free functions; what a process is made of is found out once. Errors: unsupported where not all of it can be
// known, with what cannot; such spans are not kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "render/protocol/options.h"
#include "render/spans/span_plan.h"

namespace vivid::render {

struct SpanFacts {
  std::string frames;  // Composer::digest() of them
  Span span;           // of which only the lengths count
  std::string encoder;
  RenderOptions options;  // that the encoder was opened with
  std::vector<std::uint8_t> headers;
};

// 64 hex digits.
Result<std::string> span_key(const SpanFacts& facts);

// The digest of `what`, and of the program and the libraries that make bytes of it. 64 hex digits.
Result<std::string> keyed_by_program(std::string_view what);

}  // namespace vivid::render
