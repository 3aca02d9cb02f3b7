#include "tests/support/gcs/gcs_session.h"

#include <charconv>
#include <optional>

#include "base/uuid.h"

namespace vivid::test {
namespace {

using nlohmann::json;

// "bytes 0-99/100" to the letter.
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t total = 0;
};

bool read_number(std::string_view& text, std::uint64_t& number, std::string_view before) {
  if (!text.starts_with(before)) return false;
  text.remove_prefix(before.size());
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

std::optional<ContentRange> parse_range(std::string_view text) {
  ContentRange range;
  const bool good = read_number(text, range.first, "bytes ") && read_number(text, range.last, "-") &&
                    read_number(text, range.total, "/") && text.empty();
  if (!good || range.last < range.first || range.last >= range.total) return std::nullopt;
  return range;
}

}  // namespace

StandInExchange::Headers headers_of(const Fault& fault) {
  if (fault.retry_after.empty()) return {};
  return {{"Retry-After", fault.retry_after}};
}

// As different as the real ones are.
std::string error_body(int status, const std::string& why) {
  if (status % 3 == 0) return json{{"error", {{"code", std::to_string(status)}, {"message", {{"text", why}}}}}}.dump();
  if (status % 3 == 1) return json{{"error", {{"code", status}, {"message", why}}}}.dump();
  return why;
}

// --- Sessions --------------------------------------------------------------------------------------------------------

void GcsStandIn::start(StandInExchange& exchange, const std::optional<Fault>& fault) {
  const StandInRequest& request = exchange.request;
  const json metadata = json::parse(exchange.body(), nullptr, false);
  if (!metadata.is_object() || !metadata.contains("crc32c")) return violate(exchange, "an upload without its crc32c");
  if (!request.query.contains("ifGenerationMatch") || !request.query.contains("name")) {
    return violate(exchange, "an upload without name or precondition");
  }
  if (!request.headers.contains("x-upload-content-length") || !request.headers.contains("x-upload-content-type")) {
    return violate(exchange, "an upload without its length or type");
  }
  const auto session = std::make_shared<Session>();
  session->id = Uuid::random().to_text();
  session->name = request.query.at("name");
  session->generation = request.query.at("ifGenerationMatch");
  session->metadata = metadata;
  session->total = std::strtoull(request.header("x-upload-content-length").c_str(), nullptr, 10);
  const std::string uri = url() + request.path + "?uploadType=resumable&upload_id=" + session->id;
  {
    const std::lock_guard lock(mutex_);
    if (precondition_holds(session->name, session->generation)) {
      sessions_[session->id] = session;
      session_uris_.push_back(uri);
    } else {
      session->finished = true;
    }
  }
  if (session->finished) return refuse(exchange, 412, "conditionNotMet");
  answer(exchange, 200, "", fault, {{"Location", uri}});
}

void GcsStandIn::session_request(StandInExchange& exchange, Operation operation, const std::optional<Fault>& fault) {
  const std::string id = exchange.request.query.at("upload_id");
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(mutex_);
    if (fault && fault->kind == Fault::Kind::session_gone) sessions_.erase(id);
    const auto found = sessions_.find(id);
    if (found != sessions_.end()) session = found->second;
    if (operation == Operation::cancel) sessions_.erase(id);
  }
  if (!session) return refuse(exchange, fault && fault->status == 410 ? 410 : 404, "no such session");
  if (operation == Operation::cancel) return refuse(exchange, 499, "cancelled");
  const std::lock_guard lock(session->mutex);
  if (session->finished) {
    exchange.body();
    const auto object = this->object(session->name);
    if (!object) return refuse(exchange, 404, "no such session");
    return answer(exchange, 200, object_json(session->name, *object), fault);
  }
  if (operation == Operation::chunk) return receive_chunk(exchange, *session, fault);
  if (exchange.request.header("content-range") != "bytes */" + std::to_string(session->total)) {
    return violate(exchange, "a query of another length");
  }
  answer_kept(exchange, *session, fault);
}

void GcsStandIn::answer_kept(StandInExchange& exchange, const Session& session, const std::optional<Fault>& fault) {
  StandInExchange::Headers headers;
  if (session.kept > 0) headers.emplace_back("Range", "bytes=0-" + std::to_string(session.kept - 1));
  answer(exchange, 308, "", fault, headers);
}

void GcsStandIn::receive_chunk(StandInExchange& exchange, Session& session, const std::optional<Fault>& fault) {
  const StandInRequest& request = exchange.request;
  // A file in one piece needs no range.
  const std::string text = request.header("content-range");
  const auto range =
      text.empty() ? ContentRange{0, request.content_length - 1, request.content_length} : parse_range(text);
  if (!range) return violate(exchange, "the range '" + text + "'");
  const std::uint64_t length = range->last - range->first + 1;
  const bool last = range->last + 1 == range->total;
  if (length != request.content_length) return violate(exchange, "a body that is not as long as its range");
  if (range->total != session.total) return violate(exchange, "another total than at the start");
  if (range->first != session.kept) {
    return violate(exchange,
                   "a chunk from " + std::to_string(range->first) + "; kept: " + std::to_string(session.kept));
  }
  if (!last && length % kBlockBytes != 0) return violate(exchange, "a chunk that is no multiple of 256 KiB");
  if (request.header("content-type") != "application/octet-stream") return violate(exchange, "the chunk's type");

  const bool stops_early = fault && (fault->kind == Fault::Kind::status || fault->kind == Fault::Kind::reset ||
                                     fault->kind == Fault::Kind::stall);
  const bool keeps_less = stops_early || (fault && fault->kind == Fault::Kind::short_commit);
  std::uint64_t room = keeps_less ? fault->after_bytes : length;
  bool corrupt = fault && fault->kind == Fault::Kind::corrupt;
  std::string changed;
  const bool whole = exchange.read_body([&](std::span<const char> bytes) {
    body_bytes_ += bytes.size();
    if (corrupt) {
      changed.assign(bytes.data(), bytes.size());
      changed[0] = static_cast<char>(changed[0] ^ 1);
      bytes = changed;
      corrupt = false;
    }
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size()));
    session.take(bytes.first(taken), options_.keep_bytes);
    room -= taken;
    return !(stops_early && room == 0);
  });
  if (whole && last && !keeps_less) session.flush(options_.keep_bytes);
  session.partial.clear();
  if (!whole && !stops_early) return;
  if (fault && fault->kind == Fault::Kind::status) {
    return exchange.respond(fault->status, error_body(fault->status, "told to fail"), headers_of(*fault));
  }
  if (fault && fault->kind == Fault::Kind::reset) return exchange.reset();
  if (fault && fault->kind == Fault::Kind::stall) return exchange.stall();
  if (session.kept < session.total) return answer_kept(exchange, session, fault);
  finish(exchange, session, fault);
}

// All bytes are there: an object, or not.
void GcsStandIn::finish(StandInExchange& exchange, Session& session, const std::optional<Fault>& fault) {
  const std::string announced = session.metadata["crc32c"].get<std::string>();
  const std::string crc32c = session.crc.to_base64();
  std::string problem;
  std::string body;
  {
    const std::lock_guard lock(mutex_);
    if (announced != crc32c) {
      problem = "Provided CRC32C \"" + announced + "\" doesn't match calculated CRC32C \"" + crc32c + "\".";
    } else if (precondition_holds(session.name, session.generation)) {
      StoredObject object{session.bytes, session.kept, crc32c, ++last_generation_, session.metadata};
      body = object_json(session.name, object);
      objects_[session.name] = std::move(object);
      history_.push_back(session.name);
      session.finished = true;
    }
    if (!session.finished) sessions_.erase(session.id);
  }
  if (!problem.empty()) return refuse(exchange, 400, problem);
  if (!session.finished) return refuse(exchange, 412, "conditionNotMet");
  answer(exchange, 200, body, fault);
}

}  // namespace vivid::test
