#include "schemas/labelled_article.h"

#include <simdjson.h>

#include <utility>

namespace churnwire {
namespace {

using simdjson::dom::element;

DecodeError bad(DecodeReason reason, std::string field, std::string message) {
  return DecodeError{reason, std::move(field), 0, std::move(message)};
}

std::string text_of(element parent, std::string_view key) {
  std::string_view text;
  return parent[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

bool flag_of(element parent, std::string_view key) {
  bool flag = false;
  return parent[key].get(flag) == simdjson::SUCCESS && flag;
}

std::vector<std::string> texts_of(element parent, std::string_view key) {
  std::vector<std::string> texts;
  simdjson::dom::array array;
  if (parent[key].get(array) != simdjson::SUCCESS) return texts;
  for (element item : array) {
    std::string_view text;
    if (item.get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

template <class Enum>
bool read_word(element parent, std::string_view key, Enum& value) {
  const auto parsed = parse<Enum>(text_of(parent, key));
  if (parsed) value = *parsed;
  return parsed.has_value();
}

std::expected<LabelledEvent, DecodeError> event_of(element json) {
  LabelledEvent event;
  event.customer = text_of(json, "customer");
  event.customer_aliases = texts_of(json, "customer_aliases");
  event.customer_description = text_of(json, "customer_description");
  event.losing = texts_of(json, "losing");
  event.gaining = texts_of(json, "gaining");
  event.historic = flag_of(json, "historic");
  event.edge = flag_of(json, "edge");
  const bool words = read_word(json, "event_type", event.event_type) &&
                     read_word(json, "phase", event.phase) &&
                     read_word(json, "fact_level", event.fact_level) && read_word(json, "scope", event.scope);
  if (!words) {
    return std::unexpected(
        bad(DecodeReason::bad_value, "labels.events",
            "event_type, phase, fact_level and scope must be words of the labelling guide"));
  }
  if (const std::string reason = text_of(json, "reason"); !reason.empty()) {
    event.reason = parse<Reason>(reason);
    if (!event.reason) return std::unexpected(bad(DecodeReason::bad_value, "labels.events.reason", reason));
  }
  double value = 0;
  if (json["annual_value_usd"].get(value) == simdjson::SUCCESS) {
    event.annual_value_usd = static_cast<std::int64_t>(value);
  }
  return event;
}

}  // namespace

std::expected<LabelledArticle, DecodeError> decode_labelled_article(std::string_view json) {
  simdjson::dom::parser parser;
  element document;
  if (const auto error = parser.parse(json.data(), json.size()).get(document)) {
    return std::unexpected(bad(DecodeReason::not_json, "", simdjson::error_message(error)));
  }
  LabelledArticle labelled;
  element article;
  element labels;
  if (document["article"].get(article) || document["labels"].get(labels)) {
    return std::unexpected(bad(DecodeReason::missing_field, "article, labels",
                               "a labelled article holds both; the labelling guide shows the form"));
  }
  labelled.uri = text_of(article, "uri");
  labelled.language = text_of(article, "language");
  if (labelled.language.empty()) labelled.language = "und";
  labelled.article = simdjson::minify(article);
  labelled.churn = flag_of(labels, "churn");
  labelled.edge = flag_of(labels, "edge");
  labelled.kind = text_of(document, "kind");
  labelled.real_event = text_of(document, "real_event");
  simdjson::dom::array events;
  if (labels["events"].get(events) == simdjson::SUCCESS) {
    for (element item : events) {
      auto event = event_of(item);
      if (!event) return std::unexpected(std::move(event.error()));
      labelled.events.push_back(std::move(*event));
    }
  }
  return labelled;
}

}  // namespace churnwire
