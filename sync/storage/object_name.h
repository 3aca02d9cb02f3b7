// What an object and a bucket may be called: what a cloud bucket accepts and a folder can hold.
//
// Threads: pure functions. Errors: invalid_input, naming the name and what is allowed.
#pragma once

#include <string_view>

#include "base/error.h"

namespace vivid::sync {

// Parts separated by "/", none empty or beginning with a dot; no control characters; at most 1024 bytes
// of UTF-8 in all and 200 in each.
Status check_object_name(std::string_view name);

// 3 to 63 of a-z, 0-9, "-" and "_", beginning and ending with a letter or digit.
Status check_bucket_name(std::string_view name);

}  // namespace vivid::sync
