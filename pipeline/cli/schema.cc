#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "pipeline/cli/verbs.h"
#include "pipeline/data_root.h"

namespace churnwire::cli {

void add_schema(CLI::App& app, int& status) {
  auto name = std::make_shared<std::string>();
  CLI::App* verb =
      app.add_subcommand("schema", "Prints a JSON Schema (2020-12), or the AsyncAPI description");
  verb->add_option("NAME", *name, "Which one")
      ->required()
      ->check(CLI::IsMember({"article", "signal", "event", "alert", "asyncapi"}));
  verb->footer("Example:\n  churnwire schema alert > alert.schema.json");
  verb->callback([name, &status] {
    const std::string file = *name == "asyncapi" ? "asyncapi.yaml" : *name + ".schema.json";
    const auto path = default_data_root() / "schemas" / file;
    std::ifstream in(path);
    if (!in) {
      std::cerr << "churnwire schema: cannot read " << path.string()
                << "; set CHURNWIRE_DATA_DIR to the folder that holds operators/data and schemas\n";
      status = bad_configuration;
      return;
    }
    std::cout << in.rdbuf() << std::flush;
  });
}

}  // namespace churnwire::cli
