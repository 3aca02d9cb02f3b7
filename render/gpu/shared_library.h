// A library that is looked for when the program runs: drivers are there, or they are not.
//
// Threads, ownership: as std::unique_ptr; functions found in it are good while it lives.
#pragma once

#include <string>

#include "base/error.h"

namespace vivid::render {

class SharedLibrary {
 public:
  // unsupported, with the loader's words, when it is not there.
  static Result<SharedLibrary> open(const std::string& name);
  SharedLibrary(SharedLibrary&& other) noexcept;
  SharedLibrary& operator=(SharedLibrary&& other) noexcept;
  ~SharedLibrary();

  // Null: it has no such function.
  template <typename Function>
  Function* find(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  explicit SharedLibrary(void* handle) : handle_(handle) {}
  void* symbol(const char* name) const;
  void* handle_;
};

}  // namespace vivid::render
