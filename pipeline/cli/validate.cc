#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "pipeline/cli/load.h"
#include "pipeline/cli/verbs.h"
#include "pipeline/config.h"
#include "pipeline/data_root.h"

namespace churnwire::cli {
namespace {

int validate(const std::string& file, bool print) {
  const auto config = load_config(file);
  if (!config) {
    std::cerr << "churnwire validate: " << config.error().text() << '\n';
    return bad_configuration;
  }
  const auto root = config->data_dir.empty() ? default_data_root() : std::filesystem::path(config->data_dir);
  const auto knowledge = load_knowledge(root);
  const auto mappings = load_feed_mappings(root);
  if (!knowledge || !mappings) return bad_configuration;
  if (!mappings->contains(config->feed)) {
    std::cerr << "churnwire validate: detect.feed: no mapping is named " << config->feed
              << "; there are auto, " << mappings->names() << '\n';
    return bad_configuration;
  }
  if (print) std::cout << print_config(*config);
  std::cerr << "valid: ruleset " << knowledge->ruleset() << ", feeds auto, " << mappings->names() << '\n';
  return done;
}

}  // namespace

void add_validate(CLI::App& app, int& status) {
  auto file = std::make_shared<std::string>();
  auto print = std::make_shared<bool>(false);
  CLI::App* verb = app.add_subcommand("validate", "Checks a configuration and every data file that it names");
  verb->add_option("-c,--config", *file, "Configuration file; none: defaults and CHURNWIRE_* variables");
  verb->add_flag("--print", *print, "Print the effective configuration");
  verb->footer("Example:\n  churnwire validate -c churnwire.yaml --print");
  verb->callback([file, print, &status] { status = validate(*file, *print); });
}

}  // namespace churnwire::cli
