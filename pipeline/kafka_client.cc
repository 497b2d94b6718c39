#include <spdlog/spdlog.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/kafka_internal.h"
#include "pipeline/kafka_settings.h"

namespace churnwire {

std::string kafka_client_version() {
  return rd_kafka_version_str();
}

std::string kafka_client_hazards() {
  const int version = rd_kafka_version();
  // As librdkafka's change log dates the mends.
  if (version < 0x02010000)
    return "before 2.1 the batch consumer API loses records; single polls are used instead";
  if (version < 0x020a0000)
    return "before 2.10 a commit during a cooperative rebalance can lose the assignment; "
           "the range assignor is used instead";
  return {};
}

std::string refused_kafka_property(const std::string& name) {
  constexpr std::array kRefused{
      std::pair{"bootstrap.servers", "set kafka.brokers"},
      std::pair{"metadata.broker.list", "set kafka.brokers"},
      std::pair{"group.id", "set kafka.groups"},
      std::pair{"enable.auto.commit", "offsets are committed with the outputs"},
      std::pair{"enable.auto.offset.store", "offsets are committed with the outputs"},
      std::pair{"auto.offset.reset", "a missing offset starts at the beginning, a lost one stops the worker"},
      std::pair{"isolation.level", "inputs are read committed, or exactly-once breaks"},
      std::pair{"transactional.id", "set instance"},
      std::pair{"enable.idempotence", "it is always on"},
      std::pair{"enable.partition.eof", "used inside"},
  };
  for (const auto& [refused, why] : kRefused) {
    if (name == refused) return why;
  }
  return {};
}

namespace kafka {
namespace {

void log_line(const rd_kafka_t*, int level, const char* facility, const char* text) {
  constexpr int kError = 3;  // syslog levels
  constexpr int kWarning = 4;
  const auto to = level <= kError     ? spdlog::level::err
                  : level == kWarning ? spdlog::level::warn
                                      : spdlog::level::debug;
  spdlog::log(to, "librdkafka {}: {}", facility, text);
}

}  // namespace

void route_log(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_log_cb(conf, log_line);
}

Configuration::Configuration(const KafkaSettings& settings) : conf_(rd_kafka_conf_new()) {
  route_log(conf_.get());
  set("bootstrap.servers", settings.brokers);
  set("client.id", "churnwire");
  set("socket.nagle.disable", "true");  // the default before 2.10 adds 40 ms to small requests
  set("log.connection.close", "false");
  for (const auto& [name, value] : settings.properties) set(name, value);
}

void Configuration::set(const std::string& name, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(conf_.get(), name.c_str(), value.c_str(), why.data(), why.size()) == RD_KAFKA_CONF_OK)
    return;
  if (failure_.empty()) failure_ = "kafka property " + name + ": " + why.data();
}

IoStatus Configuration::make(rd_kafka_type_t type, Handle& handle) {
  if (!failure_.empty()) return {IoCode::fatal, failure_};
  std::array<char, 512> why{};
  rd_kafka_conf_t* conf = conf_.release();
  rd_kafka_t* made = rd_kafka_new(type, conf, why.data(), why.size());
  if (made == nullptr) {
    conf_.reset(conf);  // still ours
    return {IoCode::fatal, std::string("cannot make a Kafka client: ") + why.data()};
  }
  handle.reset(made);
  return IoStatus::success();
}

std::string text_of(const std::string& what, rd_kafka_resp_err_t error) {
  return what + ": " + rd_kafka_err2str(error) + " (" + rd_kafka_err2name(error) + ")";
}

ErrorClass class_of(const rd_kafka_error_t* error) {
  if (rd_kafka_error_is_fatal(error) != 0) return ErrorClass::fatal;
  if (rd_kafka_error_txn_requires_abort(error) != 0) return ErrorClass::abort;
  return rd_kafka_error_is_retriable(error) != 0 ? ErrorClass::retriable : ErrorClass::fatal;
}

IoStatus status_of(const std::string& what, const rd_kafka_error_t* error) {
  return {class_of(error) == ErrorClass::fatal ? IoCode::fatal : IoCode::abort,
          what + ": " + rd_kafka_error_string(error) + " (" + rd_kafka_error_name(error) + ")"};
}

void read_message(const rd_kafka_message_t& message, Record& record, std::vector<Header>& headers) {
  headers.clear();
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(&message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t bytes = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(list, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      headers.push_back({name, value == nullptr ? std::string_view()
                                                : std::string_view(static_cast<const char*>(value), bytes)});
    }
  }
  const auto view = [](const void* data, std::size_t bytes) {
    return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), bytes);
  };
  const std::int64_t timestamp = rd_kafka_message_timestamp(&message, nullptr);
  record.partition = message.partition;
  record.offset = message.offset;
  record.timestamp = Timestamp(std::chrono::milliseconds(timestamp < 0 ? 0 : timestamp));
  record.key = view(message.key, message.key_len);
  record.value = view(message.payload, message.len);
  record.tombstone = message.payload == nullptr;
  record.headers = headers;
}

IoStatus produce(rd_kafka_t* producer, const OutRecord& record) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const Header& header : record.headers) {
    rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  const std::string topic(record.topic);
  const std::int64_t timestamp = record.timestamp.time_since_epoch().count();
  for (;;) {
    // The cast drops const only: librdkafka copies key and value (RD_KAFKA_MSG_F_COPY).
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()),
        RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;  // the headers are the message's now
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_poll(producer, 20);
      continue;
    }
    rd_kafka_headers_destroy(headers);
    const bool ended = error == RD_KAFKA_RESP_ERR__STATE;  // the transaction failed meanwhile: abort it
    return {ended ? IoCode::abort : IoCode::fatal, text_of("writing to " + topic, error)};
  }
  rd_kafka_poll(producer, 0);
  return IoStatus::success();
}

}  // namespace kafka
}  // namespace churnwire
