#include "operators/correlate/headline.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace churnwire::correlate {
namespace {

constexpr std::size_t kNamesMax = 3;
constexpr std::size_t kDescriptionBytesMax = 120;

/// How one type of event is told. {C} customer, {L} losing providers, {W} workloads, {G} destination.
struct Phrase {
  std::string_view subject;
  std::string_view base;        // "to leave"
  std::string_view gerund;      // "is leaving"
  std::string_view participle;  // "has left"
  std::string_view rest;
};

constexpr std::array<Phrase, 11> kPhrases{{
    {"{C}", "leave", "leaving", "left", " {L}{G}"},
    {"{C}", "move", "moving", "moved", " {W} off {L}{G}"},
    {"{C}", "shift", "shifting", "shifted", " {W} away from {L}{G}"},
    {"{C}", "let", "letting", "let", " its contract with {L} lapse{G}"},
    {"{C}", "cut", "cutting", "cut", " spending on {L}{G}"},
    {"{C}", "bring", "bringing", "brought", " {W} back from {L}{G}"},
    {"{L}", "drop", "dropping", "dropped", " {C} as a customer{G}"},
    {"{C}", "be forced off", "being forced off", "been forced off", " {L}{G}"},
    {"{L}", "shut", "shutting", "shut", " the service that {C} uses{G}"},
    {"{L}", "lose", "losing", "lost", " a tender of {C}{G}"},
    {"{C}", "return", "returning", "returned", " to {L}"},
}};

std::string shortened(std::string text) {
  if (text.size() <= kDescriptionBytesMax) return text;
  std::size_t end = kDescriptionBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

template <class Range, class Name>
std::string listed(const Range& range, Name&& name) {
  std::string text;
  const std::size_t count = std::min(range.size(), kNamesMax);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += i + 1 == range.size() ? " and " : ", ";
    text += name(range[i]);
  }
  if (range.size() > kNamesMax) text += " and others";
  return text;
}

std::string names(const std::vector<ProviderRef>& providers) {
  return listed(providers, [](const ProviderRef& provider) {
    if (provider.id == "self-hosted") return std::string("its own infrastructure");
    return provider.name.empty() ? provider.id : provider.name;
  });
}

std::string customer_text(const Customer& customer) {
  if (customer.anonymity == Anonymity::named) return customer.name.empty() ? customer.id : customer.name;
  if (customer.description.empty()) return "an unnamed customer";
  return "an unnamed customer (" + shortened(customer.description) + ")";
}

std::string verb(const EventRow& row, const Phrase& phrase) {
  const auto join = [](std::string_view left, std::string_view right) {
    return std::string(left) + ' ' + std::string(right);
  };
  switch (row.phase) {
    case Phase::rumoured:
      return join("may", phrase.base);
    case Phase::considering:
      return join("considers", phrase.gerund);
    case Phase::decided:
      return join("to", phrase.base);
    case Phase::in_progress:
      return join("is", phrase.gerund);
    case Phase::completed:
      return join("has", phrase.participle);
    case Phase::denied:
      return join("said to be", phrase.gerund);
    case Phase::cancelled:
      return join("calls off", phrase.gerund);
  }
  return {};
}

std::string hedge(const EventRow& row) {
  if (row.retracted)
    return row.superseded_by.empty() ? ": report withdrawn" : ": told as part of another event";
  if (row.phase == Phase::denied) return ": denied";
  std::string text;
  if (row.phase == Phase::rumoured || row.fact_level == FactLevel::rumoured) {
    text = ", rumours say";
  } else if (row.fact_level == FactLevel::reported && row.origin.anonymous_sources) {
    text = ", sources say";
  } else if (row.fact_level == FactLevel::reported && !row.origin.name.empty()) {
    text = ", " + row.origin.name + " reports";
  } else if (row.fact_level == FactLevel::reported) {
    text = ", reports say";
  }
  if (!row.denials.empty()) text += "; a party denies it";
  return text;
}

void replace(std::string& text, std::string_view slot, std::string_view value) {
  const auto at = text.find(slot);
  if (at != std::string::npos) text.replace(at, slot.size(), value);
}

}  // namespace

std::string make_headline(const EventRow& row) {
  const Phrase& phrase = kPhrases[static_cast<std::size_t>(row.event_type)];
  std::string pattern(phrase.subject);
  pattern += ' ';
  pattern += verb(row, phrase);
  pattern += phrase.rest;
  // The last slot first, so that text from articles is never searched for slots.
  std::string workloads =
      listed(row.scope.workloads, [](const std::string& workload) { return shortened(workload); });
  if (workloads.empty()) workloads = row.scope.kind == ScopeKind::full ? "everything" : "workloads";
  std::string losing = names(row.losing_providers);
  if (losing.empty()) losing = "its cloud provider";
  std::string gaining = names(row.gaining_providers);
  if (!gaining.empty()) gaining = " to " + gaining;
  const std::string customer = customer_text(row.customer);
  std::array<std::pair<std::string_view, std::string_view>, 4> slots{
      {{"{C}", customer}, {"{L}", losing}, {"{W}", workloads}, {"{G}", gaining}}};
  std::sort(slots.begin(), slots.end(), [&](const auto& left, const auto& right) {
    return pattern.rfind(left.first) + 1 > pattern.rfind(right.first) + 1;
  });
  for (const auto& [slot, value] : slots) replace(pattern, slot, value);
  pattern += hedge(row);
  if (!pattern.empty() && pattern[0] >= 'a' && pattern[0] <= 'z')
    pattern[0] = static_cast<char>(pattern[0] - 'a' + 'A');
  return pattern;
}

}  // namespace churnwire::correlate
