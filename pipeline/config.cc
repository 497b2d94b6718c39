#include "pipeline/config.h"

#include <fmt/core.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fstream>
#include <functional>
#include <numeric>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace churnwire {
namespace {

constexpr std::string_view kPassThrough = "kafka.properties.";

/// One key: how to read it from text and how to print it.
struct Key {
  std::string name;
  std::function<std::optional<std::string>(Config&, const std::string&)> read;  // an error, or nothing
  std::function<std::string(const Config&)> print;
};

template <class Member>
Key text_key(std::string name, Member member) {
  return {std::move(name),
          [member](Config& config, const std::string& value) -> std::optional<std::string> {
            member(config) = value;
            return std::nullopt;
          },
          [member](const Config& config) { return member(const_cast<Config&>(config)); }};
}

template <class Member>
Key number_key(std::string name, double low, double high, Member member) {
  return {std::move(name),
          [=](Config& config, const std::string& value) -> std::optional<std::string> {
            double number = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
            using Value = std::remove_reference_t<decltype(member(config))>;
            const bool whole = std::is_floating_point_v<Value> ||
                               number == static_cast<double>(static_cast<long long>(number));
            if (error != std::errc() || end != value.data() + value.size() || !whole || number < low ||
                number > high) {
              return fmt::format("must be a {} from {:g} to {:g}, not \"{}\"",
                                 std::is_floating_point_v<Value> ? "number" : "whole number", low, high,
                                 value);
            }
            member(config) = static_cast<Value>(number);
            return std::nullopt;
          },
          [=](const Config& config) { return fmt::format("{}", member(const_cast<Config&>(config))); }};
}

/// A duration in whole units of `Duration`; the key's name says the unit.
template <class Duration, class Member>
Key duration_key(std::string name, int low, int high, Member member) {
  return {
      std::move(name),
      [=](Config& config, const std::string& value) -> std::optional<std::string> {
        int number = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc() || end != value.data() + value.size() || number < low || number > high) {
          return fmt::format("must be a whole number from {} to {}, not \"{}\"", low, high, value);
        }
        member(config) = Duration(number);
        return std::nullopt;
      },
      [=](const Config& config) { return fmt::format("{}", member(const_cast<Config&>(config)).count()); }};
}

template <class Value, class Member>
Key choice_key(std::string name, const std::vector<std::pair<std::string, Value>>& choices, Member member) {
  return {std::move(name),
          [=](Config& config, const std::string& value) -> std::optional<std::string> {
            std::string words;
            for (const auto& [word, choice] : choices) {
              if (word == value) {
                member(config) = choice;
                return std::nullopt;
              }
              words += (words.empty() ? "" : ", ") + word;
            }
            return "must be one of " + words + ", not \"" + value + "\"";
          },
          [=](const Config& config) {
            for (const auto& [word, choice] : choices) {
              if (member(const_cast<Config&>(config)) == choice) return word;
            }
            return std::string();
          }};
}

#define CHURNWIRE_MEMBER(path) [](Config& config) -> auto& { return config.path; }

const std::vector<Key>& keys() {
  static const std::vector<Key> all = [] {
    std::vector<Key> k;
    k.push_back(text_key("kafka.brokers", CHURNWIRE_MEMBER(kafka.brokers)));
    k.push_back(choice_key<Delivery>(
        "kafka.delivery",
        {{"exactly_once", Delivery::exactly_once}, {"at_least_once", Delivery::at_least_once}},
        CHURNWIRE_MEMBER(kafka.delivery)));
    k.push_back(duration_key<std::chrono::seconds>("kafka.broker_timeout_s", 1, 3600,
                                                   CHURNWIRE_MEMBER(kafka.broker_timeout)));
    k.push_back(text_key("kafka.groups.detect", CHURNWIRE_MEMBER(detect_group)));
    k.push_back(text_key("kafka.groups.correlate", CHURNWIRE_MEMBER(correlate_group)));
    k.push_back(text_key("topics.articles", CHURNWIRE_MEMBER(detect_topics.articles)));
    k.push_back(text_key("topics.signals", CHURNWIRE_MEMBER(detect_topics.signals)));
    k.push_back(text_key("topics.events", CHURNWIRE_MEMBER(correlate_topics.events)));
    k.push_back(text_key("topics.alerts", CHURNWIRE_MEMBER(correlate_topics.alerts)));
    k.push_back(text_key("topics.dead_letters", CHURNWIRE_MEMBER(detect_topics.dead_letters)));
    k.push_back(number_key("topics.partitions", 1, 10'000, CHURNWIRE_MEMBER(partitions)));
    k.push_back(number_key("topics.replication", 1, 16, CHURNWIRE_MEMBER(replication)));
    k.push_back(text_key("site", CHURNWIRE_MEMBER(correlate.site)));
    k.push_back(text_key("instance", CHURNWIRE_MEMBER(instance)));
    k.push_back(text_key("detect.feed", CHURNWIRE_MEMBER(feed)));
    k.push_back(number_key("detect.threads", 1, 256, CHURNWIRE_MEMBER(detect_threads)));
    k.push_back(number_key("correlate.threads", 1, 256, CHURNWIRE_MEMBER(correlate_threads)));
    k.push_back(
        number_key("correlate.alert_confidence_min", 0, 1, CHURNWIRE_MEMBER(correlate.alert_confidence_min)));
    k.push_back(
        number_key("correlate.merge_window_days", 1, 3650, CHURNWIRE_MEMBER(correlate.merge_window_days)));
    k.push_back(number_key("correlate.progress_window_days", 1, 3650,
                           CHURNWIRE_MEMBER(correlate.progress_window_days)));
    k.push_back(
        number_key("correlate.link_window_days", 1, 3650, CHURNWIRE_MEMBER(correlate.link_window_days)));
    k.push_back(number_key("correlate.signals_per_event_max", 4, 256,
                           CHURNWIRE_MEMBER(correlate.signals_per_event_max)));
    k.push_back(number_key("correlate.evidence_max", 1, 64, CHURNWIRE_MEMBER(correlate.evidence_max)));
    k.push_back(choice_key<AlertFormat>(
        "correlate.alert_format", {{"binary", AlertFormat::binary}, {"structured", AlertFormat::structured}},
        CHURNWIRE_MEMBER(alert_format)));
    k.push_back(duration_key<std::chrono::milliseconds>("commit.interval_ms", 1, 30'000,
                                                        CHURNWIRE_MEMBER(policy.commit_interval)));
    k.push_back(
        number_key("commit.records_max", 1, 10'000'000, CHURNWIRE_MEMBER(policy.records_per_commit_max)));
    k.push_back(text_key("http", CHURNWIRE_MEMBER(http)));
    k.push_back(choice_key<std::string>(
        "log.level", {{"debug", "debug"}, {"info", "info"}, {"warn", "warn"}, {"error", "error"}},
        CHURNWIRE_MEMBER(log_level)));
    k.push_back(choice_key<std::string>("log.format", {{"text", "text"}, {"json", "json"}},
                                        CHURNWIRE_MEMBER(log_format)));
    k.push_back(text_key("data_dir", CHURNWIRE_MEMBER(data_dir)));
    return k;
  }();
  return all;
}

#undef CHURNWIRE_MEMBER

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(keys(), name, &Key::name);
  return found == keys().end() ? nullptr : &*found;
}

bool is_section(const std::string& name) {
  return name == "kafka.properties" ||
         std::ranges::any_of(keys(), [&](const Key& key) { return key.name.starts_with(name + "."); });
}

/// Levenshtein distance (Wagner & Fischer 1974), in bytes.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

std::string nearest_key(std::string_view name) {
  return std::ranges::min(keys(), {}, [&](const Key& key) { return edit_distance(key.name, name); }).name;
}

/// Replaces ${NAME}; the error names a variable that is not set.
std::expected<std::string, std::string> expand(const std::string& value,
                                               const std::map<std::string, std::string>& environment) {
  std::string expanded;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t begin = value.find("${", at);
    if (begin == std::string::npos) return expanded + value.substr(at);
    const std::size_t end = value.find('}', begin);
    if (end == std::string::npos) return std::unexpected("${ without }");
    const std::string name = value.substr(begin + 2, end - begin - 2);
    const auto found = environment.find(name);
    if (found == environment.end())
      return std::unexpected("the environment variable " + name + " is not set");
    expanded += value.substr(at, begin - at) + found->second;
    at = end + 1;
  }
  return expanded;
}

class Parser {
 public:
  Parser(std::string file, const std::map<std::string, std::string>& environment)
      : file_(std::move(file)), environment_(environment) {}

  std::optional<ConfigError> read(const YAML::Node& node, const std::string& prefix, Config& config) {
    for (const auto& entry : node) {
      const std::size_t line = static_cast<std::size_t>(entry.first.Mark().line) + 1;
      const std::string name = prefix + entry.first.Scalar();
      const bool pass_through = name.starts_with(kPassThrough);
      if (entry.second.IsMap() && is_section(name)) {
        if (auto error = read(entry.second, name + ".", config)) return error;
        continue;
      }
      if (!pass_through && find_key(name) == nullptr) {
        if (is_section(name))
          return ConfigError{file_, line,
                             "\"" + name + "\" is a section: its keys belong below it, indented"};
        return ConfigError{file_, line,
                           "unknown key \"" + name + "\"; did you mean \"" + nearest_key(name) + "\"?"};
      }
      if (!entry.second.IsScalar())
        return ConfigError{file_, line, "\"" + name + "\" must be a single value"};
      const auto value = expand(entry.second.Scalar(), environment_);
      if (!value) return ConfigError{file_, line, "\"" + name + "\": " + value.error()};
      if (auto error = set(config, name, *value))
        return ConfigError{file_, line, "\"" + name + "\" " + *error};
    }
    return std::nullopt;
  }

  static std::optional<std::string> set(Config& config, const std::string& name, const std::string& value) {
    if (name.starts_with(kPassThrough)) {
      const std::string property = name.substr(kPassThrough.size());
      if (const std::string why = refused_kafka_property(property); !why.empty())
        return "may not be set: " + why;
      config.kafka.properties[property] = value;
      return std::nullopt;
    }
    return find_key(name)->read(config, value);
  }

 private:
  std::string file_;
  const std::map<std::string, std::string>& environment_;
};

/// CHURNWIRE_DETECT_THREADS for detect.threads.
std::string variable_of(const std::string& key) {
  std::string variable = "CHURNWIRE_" + key;
  for (char& c : variable)
    c = c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("localhost");
}

/// Scalars that YAML would read as something else than text are quoted.
std::string yaml_scalar(const std::string& value) {
  YAML::Emitter emitter;
  emitter << value;
  return emitter.c_str();
}

}  // namespace

std::string ConfigError::text() const {
  std::string place = file;
  if (line != 0) place += ":" + std::to_string(line);
  return place + (place.empty() ? "" : ": ") + message;
}

std::expected<Config, ConfigError> parse_config(const std::string& file, const std::string& yaml,
                                                const std::map<std::string, std::string>& environment) {
  Config config;
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (!root.IsNull() && !root.IsMap())
      return std::unexpected(ConfigError{file, 1, "must hold keys and values"});
    if (root.IsMap()) {
      if (auto error = Parser(file, environment).read(root, "", config))
        return std::unexpected(std::move(*error));
    }
  } catch (const YAML::Exception& error) {
    return std::unexpected(
        ConfigError{file, static_cast<std::size_t>(error.mark.line) + 1, "is not YAML: " + error.msg});
  }
  for (const Key& key : keys()) {
    const auto found = environment.find(variable_of(key.name));
    if (found == environment.end()) continue;
    if (auto error = Parser::set(config, key.name, found->second)) {
      return std::unexpected(ConfigError{"environment variable " + found->first, 0, *error});
    }
  }
  config.correlate_topics.signals = config.detect_topics.signals;
  config.correlate_topics.dead_letters = config.detect_topics.dead_letters;
  if (config.instance.empty()) config.instance = host_name();
  return config;
}

std::expected<Config, ConfigError> load_config(const std::string& path) {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos)
      environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  std::string yaml;
  if (!path.empty()) {
    std::ifstream in(path);
    std::ostringstream text;
    if (in) text << in.rdbuf();
    if (!in || text.fail()) return std::unexpected(ConfigError{path, 0, "cannot be read"});
    yaml = text.str();
  }
  return parse_config(path, yaml, environment);
}

std::string print_config(const Config& config) {
  std::string yaml;
  std::vector<std::string> open;  // sections that the line before stands in
  for (const Key& key : keys()) {
    std::vector<std::string> sections;
    std::string_view rest = key.name;
    for (std::size_t dot = 0; (dot = rest.find('.')) != std::string_view::npos; rest.remove_prefix(dot + 1)) {
      sections.emplace_back(rest.substr(0, dot));
    }
    std::size_t common = 0;
    while (common < std::min(open.size(), sections.size()) && open[common] == sections[common]) ++common;
    for (std::size_t i = common; i < sections.size(); ++i)
      yaml += std::string(2 * i, ' ') + sections[i] + ":\n";
    yaml += fmt::format("{}{}: {}\n", std::string(2 * sections.size(), ' '), rest,
                        yaml_scalar(key.print(config)));
    open = sections;
    if (key.name == "kafka.groups.correlate" && !config.kafka.properties.empty()) {
      yaml += "  properties:\n";
      for (const auto& [name, value] : config.kafka.properties)
        yaml += fmt::format("    {}: {}\n", name, yaml_scalar(value));
      open = {"kafka"};
    }
  }
  return yaml;
}

std::vector<std::string> config_keys() {
  std::vector<std::string> names;
  for (const Key& key : keys()) names.push_back(key.name);
  return names;
}

}  // namespace churnwire
