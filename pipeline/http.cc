#include "pipeline/http.h"

#include <fmt/core.h>
#include <httplib.h>
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/kafka_settings.h"

namespace churnwire {
namespace {

struct Sample {
  const char* name;
  const char* help;
  bool counter;
  std::function<double(const TopologyStats&)> value;
};

struct StageSample {
  const char* name;
  const char* help;
  bool counter;
  std::function<double(const TopologyStats::Stage&)> value;
};

const std::vector<StageSample>& stage_samples() {
  using Stage = TopologyStats::Stage;
  const auto number = [](auto member) {
    return [member](const Stage& s) { return static_cast<double>(s.*member); };
  };
  static const std::vector<StageSample> samples{
      {"churnwire_records_total", "Records read by a stage, those of aborted transactions included", true,
       number(&Stage::records)},
      {"churnwire_record_bytes_total", "Bytes of the values of those records", true, number(&Stage::bytes)},
      {"churnwire_commits_total", "Commits of outputs and offsets", true, number(&Stage::commits)},
      {"churnwire_aborts_total", "Transactions aborted and read again", true, number(&Stage::aborts)},
      {"churnwire_workers", "Workers of this process", false, number(&Stage::workers)},
      {"churnwire_assigned_partitions", "Partitions assigned to this process", false,
       number(&Stage::partitions)},
      {"churnwire_last_commit_seconds", "Duration of the slowest worker's last commit", false,
       [](const Stage& s) { return static_cast<double>(s.last_commit_us) / 1e6; }},
      {"churnwire_consumer_lag_records",
       "Records in assigned partitions that are still to be read; -1: not known yet", false,
       number(&Stage::lag)},
  };
  return samples;
}

const std::vector<Sample>& samples() {
  const auto number = [](auto member) {
    return [member](const TopologyStats& s) { return static_cast<double>(s.*member); };
  };
  static const std::vector<Sample> all{
      {"churnwire_dead_letters_total", "Records that could not be read", true, number(&TopologyStats::dead)},
      {"churnwire_articles_gated_out_total", "Articles that name no provider", true,
       number(&TopologyStats::gated_out)},
      {"churnwire_articles_without_signal_total", "Articles past the gate without a signal", true,
       number(&TopologyStats::no_signal)},
      {"churnwire_articles_with_signal_total", "Articles with at least one signal", true,
       number(&TopologyStats::signalled)},
      {"churnwire_signals_out_total", "Signals written", true, number(&TopologyStats::signals)},
      {"churnwire_signals_in_total", "Signals correlated", true, number(&TopologyStats::signals_in)},
      {"churnwire_event_rows_total", "Event rows written", true, number(&TopologyStats::rows)},
      {"churnwire_alerts_total", "Alerts written", true, number(&TopologyStats::alerts)},
      {"churnwire_events_restored_total", "Event rows read back from the events topic", true,
       number(&TopologyStats::restored)},
      {"churnwire_events", "Events in memory", false, number(&TopologyStats::events)},
  };
  return all;
}

prometheus::ClientMetric metric(double value, bool counter,
                                std::vector<prometheus::ClientMetric::Label> labels) {
  prometheus::ClientMetric made;
  made.label = std::move(labels);
  (counter ? made.counter.value : made.gauge.value) = value;
  return made;
}

prometheus::MetricFamily family(const char* name, const char* help, bool counter) {
  prometheus::MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  return made;
}

}  // namespace

std::string render_metrics(const TopologyStats& stats, bool ready, const std::string& ruleset) {
  std::vector<prometheus::MetricFamily> families;
  for (const StageSample& sample : stage_samples()) {
    auto made = family(sample.name, sample.help, sample.counter);
    if (stats.detect.workers != 0)
      made.metric.push_back(metric(sample.value(stats.detect), sample.counter, {{"stage", "detect"}}));
    if (stats.correlate.workers != 0)
      made.metric.push_back(metric(sample.value(stats.correlate), sample.counter, {{"stage", "correlate"}}));
    families.push_back(std::move(made));
  }
  for (const Sample& sample : samples()) {
    auto made = family(sample.name, sample.help, sample.counter);
    made.metric.push_back(metric(sample.value(stats), sample.counter, {}));
    families.push_back(std::move(made));
  }
  auto is_ready = family("churnwire_ready", "1 while every worker runs and holds partitions", false);
  is_ready.metric.push_back(metric(ready ? 1 : 0, false, {}));
  families.push_back(std::move(is_ready));
  auto build = family("churnwire_build_info", "Versions", false);
  build.metric.push_back(
      metric(1, false,
             {{"version", CHURNWIRE_VERSION}, {"librdkafka", kafka_client_version()}, {"ruleset", ruleset}}));
  families.push_back(std::move(build));
  return prometheus::TextSerializer().Serialize(families);
}

std::string render_status(const TopologyStats& stats, bool ready, const std::string& ruleset) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto short_name = [](std::string_view name) {
    name.remove_prefix(std::string_view("churnwire_").size());
    if (name.ends_with("_total")) name.remove_suffix(6);
    return std::string(name);
  };
  const auto stage = [&](const char* key, const TopologyStats::Stage& s) {
    json.Key(key);
    json.StartObject();
    for (const StageSample& sample : stage_samples()) {
      json.Key(short_name(sample.name).c_str());
      json.Double(sample.value(s));
    }
    json.EndObject();
  };
  json.StartObject();
  json.Key("version");
  json.String(CHURNWIRE_VERSION);
  json.Key("librdkafka");
  json.String(kafka_client_version().c_str());
  json.Key("ruleset");
  json.String(ruleset.c_str());
  json.Key("ready");
  json.Bool(ready);
  if (stats.detect.workers != 0) stage("detect", stats.detect);
  if (stats.correlate.workers != 0) stage("correlate", stats.correlate);
  for (const Sample& sample : samples()) {
    json.Key(short_name(sample.name).c_str());
    json.Int64(static_cast<std::int64_t>(sample.value(stats)));
  }
  json.EndObject();
  return buffer.GetString();
}

struct HttpServer::State {
  const Topology& topology;
  std::string ruleset;
  httplib::Server server;
  std::jthread thread;
  int port = 0;
};

HttpServer::HttpServer(const Topology& topology, std::string ruleset)
    : state_(new State{topology, std::move(ruleset), {}, {}, 0}) {
  State& state = *state_;
  const auto answer = [&state](const char* path, auto body) {
    state.server.Get(path, [&state, body](const httplib::Request&, httplib::Response& response) {
      body(state, response);
    });
  };
  answer("/metrics", [](State& s, httplib::Response& r) {
    r.set_content(render_metrics(s.topology.stats(), s.topology.ready(), s.ruleset),
                  "text/plain; version=0.0.4");
  });
  answer("/status", [](State& s, httplib::Response& r) {
    r.set_content(render_status(s.topology.stats(), s.topology.ready(), s.ruleset), "application/json");
  });
  answer("/livez", [](State& s, httplib::Response& r) {
    r.status = s.topology.failed() ? 503 : 200;
    r.set_content(s.topology.failed() ? s.topology.failure() + "\n" : "ok\n", "text/plain");
  });
  answer("/readyz", [](State& s, httplib::Response& r) {
    r.status = s.topology.ready() ? 200 : 503;
    r.set_content(s.topology.ready() ? "ok\n" : "no partitions are assigned yet\n", "text/plain");
  });
}

HttpServer::~HttpServer() {
  stop();
}

std::string HttpServer::start(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  int port = -1;
  if (colon != std::string::npos)
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  if (port < 0 || port > 65535) return "http: \"" + address + "\" is not host:port";
  const std::string host = address.substr(0, colon);
  // cpp-httplib shares the port by default (SO_REUSEPORT); two daemons on one port would each show half the
  // truth.
  state_->server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  state_->port = port == 0 ? state_->server.bind_to_any_port(host) : port;
  if (state_->port < 0 || (port != 0 && !state_->server.bind_to_port(host, port))) {
    return fmt::format(
        "http: cannot listen on {}: the port is taken or the address is not of this machine; set http "
        "(or CHURNWIRE_HTTP) to another one, or off",
        address);
  }
  state_->thread = std::jthread([this] { state_->server.listen_after_bind(); });
  // Older cpp-httplib cannot be waited for; stop() before it runs would be lost.
  while (!state_->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return {};
}

int HttpServer::port() const {
  return state_->port;
}

void HttpServer::stop() {
  state_->server.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace churnwire
