#include "tests/support/gcs/gcs_stand_in.h"

#include <algorithm>

#include "tests/support/gcs/gcs_session.h"

namespace vivid::test {
namespace {

using nlohmann::json;
constexpr const char* kUploadPath = "/upload/storage/v1/b/";
constexpr const char* kObjectPath = "/storage/v1/b/";

std::string crc32c_of(const std::string& bytes) {
  Crc32c crc;
  crc.update(std::as_bytes(std::span(bytes)));
  return crc.to_base64();
}

}  // namespace

GcsStandIn::GcsStandIn(Options options) : options_(std::move(options)), tokens_(options_.tokens) {
  server_ = std::make_unique<HttpStandIn>([this](StandInExchange& exchange) { handle(exchange); }, options_.port);
}

GcsStandIn::~GcsStandIn() { server_.reset(); }

// --- What tests say and ask ------------------------------------------------------------------------------------------

void GcsStandIn::add(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void GcsStandIn::clear_faults() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

std::size_t GcsStandIn::faults_left() const {
  const std::lock_guard lock(mutex_);
  return faults_.size();
}

void GcsStandIn::accept_token(const std::string& token) {
  const std::lock_guard lock(mutex_);
  tokens_.insert(token);
}

void GcsStandIn::refuse_token(const std::string& token) {
  const std::lock_guard lock(mutex_);
  tokens_.erase(token);
}

std::optional<StoredObject> GcsStandIn::object(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(name);
  return found == objects_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> GcsStandIn::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, object] : objects_) names.push_back(name);
  return names;
}

std::vector<std::string> GcsStandIn::history() const {
  const std::lock_guard lock(mutex_);
  return history_;
}

void GcsStandIn::put_object(const std::string& name, const std::string& bytes, json metadata) {
  const std::lock_guard lock(mutex_);
  objects_[name] = {bytes, bytes.size(), crc32c_of(bytes), ++last_generation_, {{"metadata", std::move(metadata)}}};
}

std::vector<std::string> GcsStandIn::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

int GcsStandIn::requests(Operation operation) const {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(operation);
  return found == requests_.end() ? 0 : found->second;
}

std::vector<std::string> GcsStandIn::session_uris() const {
  const std::lock_guard lock(mutex_);
  return session_uris_;
}

std::size_t GcsStandIn::open_sessions() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(sessions_.begin(), sessions_.end(), [](const auto& entry) { return !entry.second->finished; }));
}

std::uint64_t GcsStandIn::kept_bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t kept = 0;
  for (const auto& [id, session] : sessions_) kept += session->kept;
  return kept;
}

// --- Requests --------------------------------------------------------------------------------------------------------

Operation GcsStandIn::operation_of(const StandInRequest& request) const {
  const auto type = request.query.find("uploadType");
  if (request.path.starts_with(kUploadPath)) {
    if (request.query.contains("upload_id")) {
      if (request.method == "DELETE") return Operation::cancel;
      return request.header("content-range").starts_with("bytes */") && request.content_length == 0 ? Operation::query
                                                                                                    : Operation::chunk;
    }
    return type != request.query.end() && type->second == "multipart" ? Operation::whole : Operation::start;
  }
  if (request.method == "DELETE") return Operation::remove;
  if (request.path == kObjectPath + options_.bucket + "/o") return Operation::list;
  const auto alt = request.query.find("alt");
  return alt != request.query.end() && alt->second == "media" ? Operation::download : Operation::describe;
}

std::optional<Fault> GcsStandIn::take_fault(Operation operation) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->operation != Operation::any && fault->operation != operation) continue;
    if (fault->skip > 0) {
      --fault->skip;
      return std::nullopt;
    }
    const Fault taken = *fault;
    if (--fault->times == 0) faults_.erase(fault);
    return taken;
  }
  return std::nullopt;
}

void GcsStandIn::handle(StandInExchange& exchange) {
  const Operation operation = operation_of(exchange.request);
  std::optional<Fault> fault;
  {
    const std::lock_guard lock(mutex_);
    ++requests_[operation];
    ++requests_[Operation::any];
    fault = take_fault(operation);
  }
  if (!authorized(exchange)) return;
  if (fault && operation != Operation::chunk && fails_first(exchange, *fault)) return;
  route(exchange, operation, fault);
}

bool GcsStandIn::authorized(StandInExchange& exchange) {
  const std::string header = exchange.request.header("authorization");
  {
    const std::lock_guard lock(mutex_);
    if (tokens_.empty() || (header.starts_with("Bearer ") && tokens_.contains(header.substr(7)))) return true;
  }
  // Some services quote what they refuse.
  refuse(exchange, 401, "Invalid Credentials: " + header);
  return false;
}

bool GcsStandIn::fails_first(StandInExchange& exchange, const Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::status:
      exchange.body();
      exchange.respond(fault.status, error_body(fault.status, "told to fail"), headers_of(fault));
      return true;
    case Fault::Kind::reset:
      exchange.reset();
      return true;
    case Fault::Kind::stall:
      exchange.stall();
      return true;
    default:
      return false;
  }
}

void GcsStandIn::route(StandInExchange& exchange, Operation operation, const std::optional<Fault>& fault) {
  const StandInRequest& request = exchange.request;
  if (request.headers.contains("transfer-encoding")) return violate(exchange, "chunked transfer-encoding");
  const std::string base = (request.path.starts_with(kUploadPath) ? kUploadPath : kObjectPath) + options_.bucket + "/o";
  if (!request.path.starts_with(base)) {
    exchange.body();
    return refuse(exchange, 404, "The specified bucket does not exist.");
  }
  switch (operation) {
    case Operation::start:
      return start(exchange, fault);
    case Operation::whole:
      return whole(exchange, fault);
    case Operation::chunk:
    case Operation::query:
    case Operation::cancel:
      return session_request(exchange, operation, fault);
    case Operation::list:
      return list(exchange, fault);
    default:
      return object_request(exchange, operation, fault);
  }
}

void GcsStandIn::answer(StandInExchange& exchange, int status, const std::string& body,
                        const std::optional<Fault>& fault, const StandInExchange::Headers& headers) {
  if (fault && fault->kind == Fault::Kind::broken_answer) return exchange.respond_cut(status, body, headers);
  if (fault && fault->kind == Fault::Kind::garbage) return exchange.respond(status, "<html>\x01", headers);
  if (fault && fault->kind == Fault::Kind::lost_answer) return exchange.close();
  exchange.respond(status, body, headers);
}

void GcsStandIn::refuse(StandInExchange& exchange, int status, const std::string& why) {
  exchange.body();
  exchange.respond(status, error_body(status, why));
}

void GcsStandIn::violate(StandInExchange& exchange, const std::string& what) {
  {
    const std::lock_guard lock(mutex_);
    violations_.push_back(exchange.request.method + " " + exchange.request.path + ": " + what);
  }
  refuse(exchange, 400, "not as documented: " + what);
}

bool GcsStandIn::precondition_holds(const std::string& name, const std::string& generation) const {
  const auto found = objects_.find(name);
  return generation == (found == objects_.end() ? "0" : std::to_string(found->second.generation));
}

std::string GcsStandIn::object_json(const std::string& name, const StoredObject& object) const {
  json document = object.metadata;
  document["name"] = name;
  document["bucket"] = options_.bucket;
  document["size"] = std::to_string(object.size);
  document["crc32c"] = object.crc32c;
  document["generation"] = std::to_string(object.generation);
  return document.dump();
}

// --- Objects ---------------------------------------------------------------------------------------------------------

void GcsStandIn::object_request(StandInExchange& exchange, Operation operation, const std::optional<Fault>& fault) {
  exchange.body();
  const std::string base = kObjectPath + options_.bucket + "/o/";
  const std::string name =
      percent_decoded(exchange.request.path.substr(std::min(base.size(), exchange.request.path.size())));
  std::unique_lock lock(mutex_);
  const auto found = objects_.find(name);
  if (found == objects_.end()) {
    lock.unlock();
    return refuse(exchange, 404, "No such object: " + name);
  }
  if (operation == Operation::download) {
    const std::string bytes = found->second.bytes;
    lock.unlock();
    return answer(exchange, 200, bytes, fault);
  }
  if (operation == Operation::describe) {
    const std::string body = object_json(name, found->second);
    lock.unlock();
    return answer(exchange, 200, body, fault);
  }
  const auto wanted = exchange.request.query.find("ifGenerationMatch");
  if (wanted != exchange.request.query.end() && !precondition_holds(name, wanted->second)) {
    lock.unlock();
    return refuse(exchange, 412, "conditionNotMet");
  }
  objects_.erase(found);
  lock.unlock();
  answer(exchange, 204, "", fault);
}

void GcsStandIn::list(StandInExchange& exchange, const std::optional<Fault>& fault) {
  // Two to a page: whoever reads one page alone is found out.
  constexpr std::size_t kPage = 2;
  const auto value = [&](const char* key) {
    const auto found = exchange.request.query.find(key);
    return found == exchange.request.query.end() ? std::string() : found->second;
  };
  const std::string prefix = value("prefix");
  const std::string after = value("pageToken");
  json items = json::array();
  std::string next;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, object] : objects_) {
      if (!name.starts_with(prefix) || (!after.empty() && name <= after)) continue;
      if (items.size() == kPage) {
        next = items.back()["name"].get<std::string>();
        break;
      }
      items.push_back({{"name", name}});
    }
  }
  json page = {{"kind", "storage#objects"}};
  if (!items.empty()) page["items"] = items;
  if (!next.empty()) page["nextPageToken"] = next;
  answer(exchange, 200, page.dump(), fault);
}

void GcsStandIn::whole(StandInExchange& exchange, const std::optional<Fault>& fault) {
  const std::string type = exchange.request.header("content-type");
  const std::string marker = "multipart/related; boundary=";
  if (!type.starts_with(marker)) return violate(exchange, "multipart without a boundary");
  const std::string dashes = "--" + type.substr(marker.size());
  const std::string body = exchange.body();
  if (!exchange.body_read()) return;
  body_bytes_ += body.size();
  const std::size_t first = body.find("\r\n\r\n");
  const std::size_t second = body.find("\r\n" + dashes + "\r\n", first);
  const std::size_t content = body.find("\r\n\r\n", second + dashes.size());
  const std::string end = "\r\n" + dashes + "--";
  const std::size_t last = body.rfind(end);
  if (!body.starts_with(dashes + "\r\n") || second == std::string::npos || content == std::string::npos ||
      last == std::string::npos || last < content + 4) {
    return violate(exchange, "a multipart body that is none");
  }
  Session session;
  session.metadata = json::parse(body.substr(first + 4, second - first - 4), nullptr, false);
  if (!session.metadata.is_object() || !session.metadata.contains("crc32c")) {
    return violate(exchange, "an upload without its crc32c");
  }
  if (!exchange.request.query.contains("ifGenerationMatch") || !exchange.request.query.contains("name")) {
    return violate(exchange, "an upload without name or precondition");
  }
  session.name = exchange.request.query.at("name");
  session.generation = exchange.request.query.at("ifGenerationMatch");
  const std::string bytes = body.substr(content + 4, last - content - 4);
  session.total = bytes.size();
  session.keep({bytes.data(), bytes.size()}, options_.keep_bytes);
  finish(exchange, session, fault);
}

}  // namespace vivid::test
