#include "operators/correlate/changes.h"

#include <algorithm>

namespace churnwire::correlate {
namespace {

/// True when a subscriber may hear about this event although nothing was told before.
bool may_open(const EventRow& row, const CorrelateOptions& options) {
  return !row.historic && !row.stale_republication && row.phase != Phase::denied &&
         row.phase != Phase::cancelled && row.confidence >= options.alert_confidence_min;
}

std::vector<std::string> filled(const EventRow& row) {
  std::vector<std::string> names{"customer", "event_type", "phase"};
  if (!row.losing_providers.empty()) names.emplace_back("losing_providers");
  if (!row.gaining_providers.empty()) names.emplace_back("gaining_providers");
  if (!row.scope.workloads.empty() || row.scope.kind != ScopeKind::unknown) names.emplace_back("scope");
  if (!row.money.empty()) names.emplace_back("money");
  if (row.annual_value_usd) names.emplace_back("annual_value_usd");
  if (!row.reasons.empty()) names.emplace_back("reasons");
  if (!row.denials.empty()) names.emplace_back("denials");
  return names;
}

bool new_destination(const EventRow& before, const EventRow& after) {
  return std::any_of(after.gaining_providers.begin(), after.gaining_providers.end(),
                     [&](const ProviderRef& now) {
                       return std::none_of(before.gaining_providers.begin(), before.gaining_providers.end(),
                                           [&](const ProviderRef& then) { return then.id == now.id; });
                     });
}

std::vector<std::string> news(const EventRow& before, const EventRow& after) {
  std::vector<std::string> names;
  if (before.customer.id != after.customer.id) names.emplace_back("customer");
  if (before.phase != after.phase) names.emplace_back("phase");
  if (before.denials.empty() && !after.denials.empty()) names.emplace_back("denials");
  if (new_destination(before, after)) names.emplace_back("gaining_providers");
  if (before.money.empty() && !after.money.empty()) names.emplace_back("money");
  if (!before.annual_value_usd && after.annual_value_usd) names.emplace_back("annual_value_usd");
  if (before.corroboration.independent_origins < 2 && after.corroboration.independent_origins >= 2) {
    names.emplace_back("corroboration");
  }
  return names;
}

}  // namespace

std::optional<Notice> worth_telling(const Happening& happening, const EventRow& after,
                                    const CorrelateOptions& options) {
  Notice notice;
  if (after.retracted) {
    if (!happening.alerted) return std::nullopt;
    notice = {AlertType::retracted, {"retracted"}};
    if (!after.superseded_by.empty()) notice.change.emplace_back("superseded_by");
  } else if (!happening.alerted) {
    if (!may_open(after, options)) return std::nullopt;
    notice = {AlertType::created, filled(after)};
  } else if (happening.before == nullptr) {
    notice = {AlertType::corrected, filled(after)};
  } else {
    notice.change = news(*happening.before, after);
    const bool was_unnamed = happening.before->customer.anonymity == Anonymity::unnamed;
    const bool is_unnamed = after.customer.anonymity == Anonymity::unnamed;
    const bool other_customer = happening.before->customer.id != after.customer.id;
    if (was_unnamed && !is_unnamed) {
      notice.type = AlertType::identified;
    } else if (happening.joined || other_customer) {
      notice.type = AlertType::corrected;
      if (happening.joined) notice.change.emplace_back("event_id");
    } else if (!notice.change.empty()) {
      notice.type = AlertType::updated;
    } else {
      return std::nullopt;
    }
  }
  std::sort(notice.change.begin(), notice.change.end());
  return notice;
}

}  // namespace churnwire::correlate
