#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "schemas/event.h"

namespace churnwire {

/// A condition on alerts, for `tail --where`:
///   condition := term { "or" term } ;  term := factor { "and" factor } ;  factor := "not" factor | "("
///   condition ")" | comparison comparison := field ( "==" | "!=" | "~" | ">=" | "<=" | ">" | "<" ) value
/// Fields: type, event_type, phase, fact_level, confidence, value (annual, USD), customer, losing, gaining,
/// reason, scope, origins, headline. `~` is "contains", without regard to case; a list field holds when one
/// of its members does. Values with spaces stand in quotes.
class AlertFilter {
 public:
  /// Parses `text`; the error says where and what. Empty text accepts everything.
  static std::expected<AlertFilter, std::string> parse(std::string_view text);
  AlertFilter(AlertFilter&&) noexcept;
  AlertFilter& operator=(AlertFilter&&) noexcept;
  ~AlertFilter();
  bool accepts(const Alert& alert) const;

  struct Node;

 private:
  explicit AlertFilter(std::unique_ptr<Node> root);
  std::unique_ptr<Node> root_;
};

}  // namespace churnwire
