#include "tests/support/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <pqxx/pqxx>
#include <thread>

#include "base/files.h"

namespace vivid::test {
namespace {

// PostgreSQL refuses to run as root.
const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

[[noreturn]] void become(const std::vector<std::string>& command, const std::filesystem::path& folder) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const std::string log = folder / "log";
  const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  ::dup2(fd, STDOUT_FILENO);
  ::dup2(fd, STDERR_FILENO);
  if (const passwd* user = other_user(); user != nullptr) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

Error with_log(const std::string& what, const std::filesystem::path& folder) {
  const Result<std::string> log = read_file(folder / "log", 1 << 20);
  return {ErrorCode::unavailable, what + ": " + (log ? *log : log.error().message)};
}

}  // namespace

PostgresServer::PostgresServer(std::filesystem::path folder, std::vector<std::string> settings)
    : folder_(std::move(folder)), settings_(std::move(settings)) {}

PostgresServer::~PostgresServer() {
  if (pid_ > 0) (void)stop(SIGQUIT).has_value();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Result<std::unique_ptr<PostgresServer>> PostgresServer::start(const std::vector<std::string>& settings) {
  if (::access(program("postgres").c_str(), X_OK) != 0) {
    return fail(ErrorCode::unsupported, program("postgres") + " is not installed (package postgresql-15)");
  }
  std::string name = "/tmp/vivid-postgres-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return tl::make_unexpected(errno_error(errno, "cannot make " + name));
  std::unique_ptr<PostgresServer> server(new PostgresServer(name, settings));
  VIVID_TRY(server->initialise());
  VIVID_TRY(server->start_again());
  return server;
}

Status PostgresServer::initialise() {
  if (const passwd* user = other_user(); user != nullptr && ::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
    return tl::make_unexpected(errno_error(errno, "cannot give away " + folder_.string()));
  }
  const std::vector<std::string> command{program("initdb"), "--pgdata=" + (folder_ / "data").string(),
                                         "--auth=trust",    "--username=postgres",
                                         "--encoding=UTF8", "--no-sync"};
  const pid_t child = ::fork();
  if (child == 0) become(command, folder_);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    return tl::make_unexpected(with_log("initdb fails", folder_));
  }
  return {};
}

Status PostgresServer::start_again() {
  std::vector<std::string> command{program("postgres"), "-D", (folder_ / "data").string(), "-k",
                                   folder_.string(),    "-c", "listen_addresses="};
  for (const std::string& setting : settings_) {
    command.emplace_back("-c");
    command.push_back(setting);
  }
  pid_ = ::fork();
  if (pid_ == 0) become(command, folder_);
  if (pid_ < 0) return tl::make_unexpected(errno_error(errno, "cannot fork"));
  return wait_until_it_answers();
}

Status PostgresServer::wait_until_it_answers() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    try {
      pqxx::connection probe(url());
      return {};
    } catch (const std::exception&) {
      if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
        pid_ = -1;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return tl::make_unexpected(with_log("postgres does not start", folder_));
}

Status PostgresServer::stop(int signal) {
  if (pid_ <= 0) return {};
  if (::kill(pid_, signal) != 0 || ::waitpid(pid_, nullptr, 0) != pid_) {
    return tl::make_unexpected(errno_error(errno, "cannot stop postgres"));
  }
  pid_ = -1;
  return {};
}

std::string PostgresServer::url(const std::string& database) const {
  return "host=" + folder_.string() + " user=postgres dbname=" + database;
}

Status PostgresServer::create_database(const std::string& name) {
  try {
    pqxx::connection connection(url());
    pqxx::nontransaction work(connection);
    work.exec("CREATE DATABASE " + connection.quote_name(name));
    return {};
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, error.what());
  }
}

}  // namespace vivid::test
