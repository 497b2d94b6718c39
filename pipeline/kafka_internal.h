#pragma once

// Included by pipeline/kafka_*.cc only.

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <vector>

#include "pipeline/io.h"
#include "pipeline/kafka_settings.h"

namespace churnwire::kafka {

struct Destroy {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_consumer_group_metadata_t* metadata) const {
    rd_kafka_consumer_group_metadata_destroy(metadata);
  }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;
using Handle = Owned<rd_kafka_t>;
using Message = Owned<rd_kafka_message_t>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t>;
using Error = Owned<rd_kafka_error_t>;

/// A configuration with `settings` and the client's needs; `set` afterwards overrides both.
class Configuration {
 public:
  explicit Configuration(const KafkaSettings& settings);
  /// Sets one property; the first failure is kept and returned by make().
  void set(const std::string& name, const std::string& value);
  rd_kafka_conf_t* get() { return conf_.get(); }
  /// Makes the client. The status is fatal with what is wrong.
  IoStatus make(rd_kafka_type_t type, Handle& handle);

 private:
  Owned<rd_kafka_conf_t> conf_;
  std::string failure_;
};

/// "what: text of the error (name)".
std::string text_of(const std::string& what, rd_kafka_resp_err_t error);
/// The class of a transactional call's error: retriable ones are for the caller to repeat with the same
/// arguments.
enum class ErrorClass { retriable, abort, fatal };
ErrorClass class_of(const rd_kafka_error_t* error);
IoStatus status_of(const std::string& what, const rd_kafka_error_t* error);

/// Fills `record` and `headers` (reused) with views of `message`.
void read_message(const rd_kafka_message_t& message, Record& record, std::vector<Header>& headers);

/// Queues one record on a producer; blocks while its queue is full. `abort` when the transaction failed
/// meanwhile.
IoStatus produce(rd_kafka_t* producer, const OutRecord& record);

/// Routes librdkafka's log lines to ours, at the same level.
void route_log(rd_kafka_conf_t* conf);

}  // namespace churnwire::kafka
