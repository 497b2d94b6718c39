#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "pipeline/cli/verbs.h"
#include "pipeline/config.h"
#include "pipeline/topology.h"

namespace churnwire::cli {
namespace {

struct Options {
  std::string config;
  std::string brokers;
  int partitions = 0;
};

int with_config(const Options& options, const char* verb, int (*act)(const Config&)) {
  auto config = load_config(options.config);
  if (!config) {
    std::cerr << "churnwire topics " << verb << ": " << config.error().text() << '\n';
    return bad_configuration;
  }
  if (!options.brokers.empty()) config->kafka.brokers = options.brokers;
  if (options.partitions != 0) config->partitions = options.partitions;
  if (IoStatus reached = check_brokers(config->kafka); !reached.ok()) {
    std::cerr << "churnwire topics " << verb << ": " << reached.message << '\n';
    return broker_unavailable;
  }
  return act(*config);
}

int create(const Config& config) {
  std::vector<std::string> created;
  const IoStatus status = create_topics(config.kafka, topic_plans(config), created);
  for (const std::string& name : created) std::cout << "created " << name << '\n';
  if (!status.ok()) {
    std::cerr << "churnwire topics create: " << status.message << '\n';
    return failed;
  }
  if (created.empty()) std::cout << "all topics are there\n";
  return done;
}

int check(const Config& config) {
  std::vector<std::string> differences;
  const IoStatus status = check_topics(config.kafka, topic_plans(config), differences);
  if (!status.ok()) {
    std::cerr << "churnwire topics check: " << status.message << '\n';
    return failed;
  }
  for (const std::string& difference : differences) std::cout << difference << '\n';
  if (differences.empty()) std::cout << "all topics are as they should be\n";
  return differences.empty() ? done : failed;
}

void add_options(CLI::App& verb, Options& options) {
  verb.add_option("-c,--config", options.config,
                  "Configuration file; none: defaults and CHURNWIRE_* variables");
  verb.add_option("--brokers", options.brokers, "Overrides kafka.brokers");
  verb.add_option("--partitions", options.partitions, "Overrides topics.partitions")
      ->check(CLI::Range(1, 10'000));
}

}  // namespace

void add_topics(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("topics", "Makes or checks the topics");
  verb->require_subcommand(1);
  CLI::App* create_verb =
      verb->add_subcommand("create", "Makes the topics that are missing, with the right settings");
  CLI::App* check_verb =
      verb->add_subcommand("check", "Names every topic and setting that is not as it should be");
  add_options(*create_verb, *options);
  add_options(*check_verb, *options);
  const char* examples =
      "Examples:\n"
      "  churnwire topics create --brokers 127.0.0.1:9092 --partitions 8\n"
      "  churnwire topics check -c churnwire.yaml";
  verb->footer(examples);
  create_verb->footer(examples);
  check_verb->footer(examples);
  create_verb->callback([options, &status] { status = with_config(*options, "create", create); });
  check_verb->callback([options, &status] { status = with_config(*options, "check", check); });
}

}  // namespace churnwire::cli
