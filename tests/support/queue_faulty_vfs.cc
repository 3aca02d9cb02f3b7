#include "tests/support/queue_faulty_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <new>

namespace vivid::testing {
namespace {

std::atomic<Fault> armed_fault{Fault::none};
std::atomic<int> countdown{0};
std::atomic<bool> has_struck{false};

bool strikes() {
  if (countdown.fetch_sub(1) > 0) return false;
  has_struck = true;
  return true;
}

// What SQLite allocates for a file: our part, then the real VFS's own.
struct File {
  sqlite3_file base;
  sqlite3_file* real;
};

sqlite3_file* real_of(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }

int close_file(sqlite3_file* file) noexcept { return real_of(file)->pMethods->xClose(real_of(file)); }
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) noexcept {
  return real_of(file)->pMethods->xRead(real_of(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) noexcept {
  const Fault fault = armed_fault;
  if (fault == Fault::full_disk && strikes()) return SQLITE_FULL;
  if (fault == Fault::short_write && strikes()) {
    static_cast<void>(real_of(file)->pMethods->xWrite(real_of(file), from, size / 2, at));
    return SQLITE_IOERR_WRITE;
  }
  return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) noexcept {
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
int sync_file(sqlite3_file* file, int flags) noexcept {
  if (armed_fault == Fault::failed_sync && strikes()) return SQLITE_IOERR_FSYNC;
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}
int size_file(sqlite3_file* file, sqlite3_int64* size) noexcept {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) noexcept { return real_of(file)->pMethods->xLock(real_of(file), level); }
int unlock_file(sqlite3_file* file, int level) noexcept {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_lock(sqlite3_file* file, int* out) noexcept {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}
int control_file(sqlite3_file* file, int operation, void* argument) noexcept {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file* file) noexcept { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
int characteristics(sqlite3_file* file) noexcept {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) noexcept {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) noexcept {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) noexcept { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int shm_unmap(sqlite3_file* file, int remove) noexcept {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

const sqlite3_io_methods kMethods{.iVersion = 2,
                                  .xClose = close_file,
                                  .xRead = read_file,
                                  .xWrite = write_file,
                                  .xTruncate = truncate_file,
                                  .xSync = sync_file,
                                  .xFileSize = size_file,
                                  .xLock = lock_file,
                                  .xUnlock = unlock_file,
                                  .xCheckReservedLock = check_lock,
                                  .xFileControl = control_file,
                                  .xSectorSize = sector_size,
                                  .xDeviceCharacteristics = characteristics,
                                  .xShmMap = shm_map,
                                  .xShmLock = shm_lock,
                                  .xShmBarrier = shm_barrier,
                                  .xShmUnmap = shm_unmap,
                                  .xFetch = nullptr,
                                  .xUnfetch = nullptr};

sqlite3_vfs* real_vfs = nullptr;

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) noexcept {
  auto* self = new (file) File{};
  self->real = reinterpret_cast<sqlite3_file*>(self + 1);
  const int code = real_vfs->xOpen(real_vfs, name, self->real, flags, out_flags);
  self->base.pMethods = self->real->pMethods != nullptr ? &kMethods : nullptr;
  return code;
}

sqlite3_vfs make_vfs() {
  real_vfs = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs = *real_vfs;
  vfs.pNext = nullptr;
  vfs.zName = "vivid-faulty";
  vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
  vfs.xOpen = open_file;
  return vfs;
}

}  // namespace

const std::string& FaultyVfs::name() {
  static sqlite3_vfs vfs = make_vfs();
  static const bool registered = sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
  static const std::string text = registered ? "vivid-faulty" : "";
  return text;
}

void FaultyVfs::arm(Fault fault, int after) {
  has_struck = false;
  countdown = after;
  armed_fault = fault;
}

void FaultyVfs::heal() { armed_fault = Fault::none; }

bool FaultyVfs::struck() { return has_struck; }

}  // namespace vivid::testing
