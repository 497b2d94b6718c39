#include "pipeline/render_alert.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace churnwire {
namespace {

constexpr std::size_t kEvidenceShown = 4;

struct Style {
  std::string_view bold, dim, mark, kind, off;
};
constexpr Style kPlain{"", "", "[[", "", ""};
constexpr Style kColour{"\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[0m"};

std::string names(const std::vector<ProviderRef>& providers, std::string_view none) {
  std::string text;
  for (const ProviderRef& provider : providers) text += (text.empty() ? "" : ", ") + provider.name;
  return text.empty() ? std::string(none) : text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// 800000000 as "800 million".
std::string amount_text(std::int64_t amount) {
  constexpr std::array kScales{std::pair{1'000'000'000LL, " billion"}, std::pair{1'000'000LL, " million"}};
  for (const auto& [scale, word] : kScales) {
    if (std::abs(amount) >= scale)
      return fmt::format("{:.4g}{}", static_cast<double>(amount) / static_cast<double>(scale), word);
  }
  return fmt::format("{}", amount);
}

/// `quote` with the first occurrence of `trigger` marked; control characters from the outside never reach the
/// terminal.
std::string marked(std::string_view quote, std::string_view trigger, const Style& style) {
  std::string text;
  for (const char c : quote) text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  const std::size_t at = trigger.empty() ? std::string::npos : text.find(trigger);
  if (at == std::string::npos) return text;
  const std::string_view close = style.off.empty() ? std::string_view("]]") : style.off;
  return text.substr(0, at) + std::string(style.mark) + std::string(trigger) + std::string(close) +
         text.substr(at + trigger.size());
}

void render_body(const EventRow& row, const Style& style, std::string& out) {
  const auto line = [&](std::string_view label, const std::string& value) {
    out += fmt::format("  {}{:<11}{}{}\n", style.dim, label, style.off, value);
  };
  const bool named = row.customer.anonymity == Anonymity::named;
  std::string who = named ? row.customer.name : "unnamed: " + row.customer.description;
  if (row.customer.mentions.size() > 1) who += " (" + joined(row.customer.mentions) + ")";
  line("customer", who);
  line("leaves", names(row.losing_providers, "no provider named") + "  →  " +
                     names(row.gaining_providers, "not stated"));
  line("what", fmt::format("{}, {}, {}, scope {}{}", name(row.event_type), name(row.phase),
                           name(row.fact_level), name(row.scope.kind),
                           row.scope.workloads.empty() ? "" : ": " + joined(row.scope.workloads)));
  if (row.annual_value_usd) line("value", "about " + amount_text(*row.annual_value_usd) + " USD a year");
  std::string reasons;
  for (const Reason reason : row.reasons)
    reasons += (reasons.empty() ? "" : ", ") + std::string(name(reason));
  if (!reasons.empty()) line("reason", reasons);
  line("confidence", fmt::format("{:.2f}   articles {}, independent origins {}", row.confidence,
                                 row.corroboration.articles, row.corroboration.independent_origins));
  for (const Denial& denial : row.denials) {
    line("denied", fmt::format("{} {}", denial.source, format_rfc3339(denial.at)));
  }
  for (std::size_t i = 0; i < std::min(row.evidence.size(), kEvidenceShown); ++i) {
    const Evidence& evidence = row.evidence[i];
    line(i == 0 ? "evidence" : "", marked(evidence.quote, evidence.trigger, style));
    line("", fmt::format("{}{} {} [{}, {}) {}{}", style.dim, evidence.article_uri, name(evidence.field),
                         evidence.begin, evidence.end, evidence.rule, style.off));
  }
}

}  // namespace

std::string render_alert(const Alert& alert, bool colour) {
  const Style& style = colour ? kColour : kPlain;
  std::string type(name(alert.type));
  for (char& c : type) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string out = fmt::format("{}{}{}  {}  {}{}{}\n", style.kind, type, style.off,
                                format_rfc3339(alert.time), style.bold, alert.event.headline, style.off);
  render_body(alert.event, style, out);
  if (alert.type != AlertType::created && !alert.change.empty()) {
    out += fmt::format("  {}{:<11}{}{}\n", style.dim, "new", style.off, joined(alert.change));
  }
  return out;
}

std::string render_event(const EventRow& row, bool colour) {
  const Style& style = colour ? kColour : kPlain;
  std::string out =
      fmt::format("{}EVENT{}  {}  {}{}{}\n", style.kind, style.off, format_rfc3339(row.times.last_published),
                  style.bold, row.headline, style.off);
  render_body(row, style, out);
  return out;
}

}  // namespace churnwire
