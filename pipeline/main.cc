#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <exception>
#include <iostream>

#include "pipeline/cli/verbs.h"

namespace cli = churnwire::cli;

int main(int argc, char** argv) {
  try {
    std::ios::sync_with_stdio(false);
    CLI::App app{"Spots cloud-provider customer churn in news streams.", "churnwire"};
    app.set_version_flag("--version", "churnwire " CHURNWIRE_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Each verb explains itself: churnwire VERB --help\n"
        "Exit status: 0 done, 1 failed, 64 wrong usage, 65 bad input data, 69 broker unavailable, "
        "78 bad configuration.");
    int status = cli::done;
    cli::add_run(app, status);
    cli::add_detect(app, status);
    cli::add_explain(app, status);
    cli::add_eval(app, status);
    cli::add_tail(app, status);
    cli::add_topics(app, status);
    cli::add_validate(app, status);
    cli::add_schema(app, status);
    cli::add_demo(app, status);
    cli::add_dlq(app, status);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
      const int code = app.exit(error, std::cout, std::cerr);  // prints help, version or what is wrong
      return asked ? code : cli::wrong_usage;
    }
    return status;
  } catch (const std::exception& error) {
    std::cerr << "churnwire: " << error.what() << '\n';
    return cli::failed;
  }
}
