#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "operators/correlate/correlator.h"
#include "pipeline/correlate_handler.h"
#include "pipeline/detect_handler.h"
#include "pipeline/kafka_settings.h"
#include "pipeline/worker.h"

namespace churnwire {

/// Everything that can be set. deploy/churnwire.yaml lists each key with its default, range and meaning.
struct Config {
  KafkaSettings kafka;
  std::string instance;  // default: host name; unique among the processes of a site
  std::string detect_group = "churnwire-detect";
  std::string correlate_group = "churnwire-correlate";
  DetectTopics detect_topics;
  CorrelateTopics correlate_topics;
  int partitions = 8;  // for `topics create`
  int replication = 1;
  std::string feed = "auto";
  int detect_threads = 1;
  int correlate_threads = 1;
  WorkerPolicy policy;
  CorrelateOptions correlate;
  AlertFormat alert_format = AlertFormat::binary;
  std::string http = "127.0.0.1:9464";  // "off": no HTTP
  std::string log_level = "info";
  std::string log_format = "text";
  std::string data_dir;  // empty: default_data_root()
};

/// A configuration that cannot be used: which file and line (0: none, an environment variable), and what to
/// do.
struct ConfigError {
  std::string file;
  std::size_t line = 0;
  std::string message;
  std::string text() const;
};

/// Reads a configuration: defaults, then `yaml` (text of `file`; may be empty), then CHURNWIRE_* of
/// `environment`. ${NAME} in values is replaced from `environment`. An unknown key is an error that names the
/// nearest one.
std::expected<Config, ConfigError> parse_config(const std::string& file, const std::string& yaml,
                                                const std::map<std::string, std::string>& environment);

/// parse_config() of a file and the process's environment; an empty path reads no file.
std::expected<Config, ConfigError> load_config(const std::string& path);

/// The effective configuration as YAML, every key in the order of deploy/churnwire.yaml.
std::string print_config(const Config& config);

/// Every key, dotted ("kafka.brokers"), in the order of deploy/churnwire.yaml.
std::vector<std::string> config_keys();

}  // namespace churnwire
