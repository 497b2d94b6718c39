#pragma once

namespace CLI {
class App;
}

/// The verbs of the command line, one file each. `add_<verb>` registers the subcommand on `app`; when the
/// user calls it, its callback stores the exit status in `status`.
namespace churnwire::cli {

/// Exit statuses of every verb (sysexits.h where it has one).
enum ExitStatus : int {
  done = 0,
  failed = 1,
  wrong_usage = 64,
  bad_input = 65,
  broker_unavailable = 69,
  bad_configuration = 78
};

void add_run(CLI::App& app, int& status);
void add_detect(CLI::App& app, int& status);
void add_explain(CLI::App& app, int& status);
void add_eval(CLI::App& app, int& status);
void add_tail(CLI::App& app, int& status);
void add_topics(CLI::App& app, int& status);
void add_validate(CLI::App& app, int& status);
void add_schema(CLI::App& app, int& status);
void add_demo(CLI::App& app, int& status);
void add_dlq(CLI::App& app, int& status);

}  // namespace churnwire::cli
