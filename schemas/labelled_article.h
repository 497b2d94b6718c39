#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/errors.h"
#include "schemas/vocabulary.h"

namespace churnwire {

/// One churn event as a labeller wrote it down (labelling guide, section 5).
struct LabelledEvent {
  std::string customer;  // empty: unnamed
  std::vector<std::string> customer_aliases;
  std::string customer_description;
  std::vector<std::string> losing;  // provider ids, or slugs of names
  std::vector<std::string> gaining;
  EventType event_type = EventType::exit;
  Phase phase = Phase::decided;
  FactLevel fact_level = FactLevel::reported;
  ScopeKind scope = ScopeKind::unknown;
  std::optional<std::int64_t> annual_value_usd;
  std::optional<Reason> reason;
  bool historic = false;
  bool edge = false;  // careful labellers may differ
};

/// A labelled article. Owns its strings.
struct LabelledArticle {
  std::string uri;
  std::string language;  // as declared; "und" where none is
  std::string article;   // the article alone, as JSON in the native form
  bool churn = false;
  bool edge = false;
  std::vector<LabelledEvent> events;
  std::string kind;
  std::string real_event;
};

/// Parses one line of a labelled file. Unknown fields are ignored; a word outside a vocabulary is an error.
std::expected<LabelledArticle, DecodeError> decode_labelled_article(std::string_view json);

}  // namespace churnwire
