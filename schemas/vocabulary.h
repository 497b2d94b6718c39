#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace churnwire {

/// The closed vocabularies of signals, events and alerts. The order of the enumerators is the order in
/// spec.md and carries no severity. Each has `name(value)` (the word on the wire) and `parse<Enum>(word)`.

enum class EventType : std::uint8_t {
  exit,
  partial_move,
  diversification,
  non_renewal,
  spend_cut,
  repatriation,
  provider_termination,
  forced_exit,
  service_shutdown,
  tender_loss,
  return_  // "return" on the wire; the word is a keyword. NOLINT(readability-identifier-naming)
};
enum class Phase : std::uint8_t { rumoured, considering, decided, in_progress, completed, denied, cancelled };
enum class FactLevel : std::uint8_t { confirmed, reported, rumoured, denied };
enum class ScopeKind : std::uint8_t { full, partial, unknown };
enum class Reason : std::uint8_t {
  cost,
  regulation,
  sovereignty,
  competition,
  performance,
  outage,
  security,
  policy,
  consolidation,
  other
};
enum class MoneyBasis : std::uint8_t {
  per_year,
  per_month,
  total,
  bill,
  savings,
  revenue_impact,
  option,
  unknown
};
enum class Anonymity : std::uint8_t { named, unnamed };
enum class Field : std::uint8_t { title, body };
enum class AlertType : std::uint8_t { created, updated, identified, corrected, retracted };

/// The words of an enumeration in the order of its enumerators.
template <class Enum>
inline constexpr std::array<std::string_view, 0> kWords{};
template <>
inline constexpr std::array<std::string_view, 11> kWords<EventType>{
    "exit",         "partial_move",         "diversification", "non_renewal",      "spend_cut",
    "repatriation", "provider_termination", "forced_exit",     "service_shutdown", "tender_loss",
    "return"};
template <>
inline constexpr std::array<std::string_view, 7> kWords<Phase>{
    "rumoured", "considering", "decided", "in_progress", "completed", "denied", "cancelled"};
template <>
inline constexpr std::array<std::string_view, 4> kWords<FactLevel>{"confirmed", "reported", "rumoured",
                                                                   "denied"};
template <>
inline constexpr std::array<std::string_view, 3> kWords<ScopeKind>{"full", "partial", "unknown"};
template <>
inline constexpr std::array<std::string_view, 10> kWords<Reason>{
    "cost",   "regulation", "sovereignty", "competition",   "performance",
    "outage", "security",   "policy",      "consolidation", "other"};
template <>
inline constexpr std::array<std::string_view, 8> kWords<MoneyBasis>{
    "per_year", "per_month", "total", "bill", "savings", "revenue_impact", "option", "unknown"};
template <>
inline constexpr std::array<std::string_view, 2> kWords<Anonymity>{"named", "unnamed"};
template <>
inline constexpr std::array<std::string_view, 2> kWords<Field>{"title", "body"};
template <>
inline constexpr std::array<std::string_view, 5> kWords<AlertType>{"created", "updated", "identified",
                                                                   "corrected", "retracted"};

/// The word of `value` on the wire.
template <class Enum>
constexpr std::string_view name(Enum value) {
  static_assert(!kWords<Enum>.empty(), "not a vocabulary of schemas/vocabulary.h");
  return kWords<Enum>[static_cast<std::size_t>(value)];
}

/// The value whose word is `word`, or nothing.
template <class Enum>
constexpr std::optional<Enum> parse(std::string_view word) {
  static_assert(!kWords<Enum>.empty(), "not a vocabulary of schemas/vocabulary.h");
  for (std::size_t i = 0; i < kWords<Enum>.size(); ++i) {
    if (kWords<Enum>[i] == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace churnwire
