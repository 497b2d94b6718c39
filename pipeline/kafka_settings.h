#pragma once

#include <chrono>
#include <map>
#include <string>

namespace churnwire {

enum class Delivery : unsigned char { exactly_once, at_least_once };

/// What every Kafka client of the process is made with.
struct KafkaSettings {
  std::string brokers = "127.0.0.1:9092";
  Delivery delivery = Delivery::exactly_once;
  std::map<std::string, std::string> properties;  // librdkafka's own, passed through
  std::chrono::seconds broker_timeout{15};        // how long to look for a broker at start-up
};

/// Version of librdkafka at run time, as "2.8.0".
std::string kafka_client_version();

/// What is known to go wrong in the librdkafka in use, for the log at start-up; empty where nothing is.
std::string kafka_client_hazards();

/// Why a pass-through property may not be set (it would break delivery), or empty when it may.
std::string refused_kafka_property(const std::string& name);

}  // namespace churnwire
