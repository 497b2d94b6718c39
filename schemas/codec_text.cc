#include "schemas/codec_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "schemas/codec.h"

namespace churnwire {
namespace {

/// `text` as one segment of a URI path: all but unreserved characters are percent-encoded.
std::string uri_segment(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string segment;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      segment += c;
    } else {
      segment += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return segment;
}

}  // namespace

std::string format_share(double share) {
  if (std::isnan(share)) return "0";
  const long ten_thousandths = std::lround(std::clamp(share, 0.0, 1.0) * 10000.0);
  if (ten_thousandths == 10000) return "1";
  if (ten_thousandths == 0) return "0";
  std::string text = fmt::format("0.{:04}", ten_thousandths);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::string format_hash(std::uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

std::optional<std::uint64_t> parse_hash(std::string_view text) {
  if (text.size() != 16 || text.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t hash = 0;
  std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  return hash;
}

std::vector<std::pair<std::string, std::string>> alert_attributes(const Alert& alert) {
  return {{"specversion", "1.0"},
          {"id", fmt::format("{}:{}", alert.event.event_id, alert.event.revision)},
          {"source", "/churnwire/" + uri_segment(alert.site)},
          {"type", fmt::format("io.churnwire.event.{}.v1", name(alert.type))},
          {"subject", alert.event.event_id},
          {"time", format_rfc3339(alert.time)},
          {"datacontenttype", "application/json"},
          {"dataschema", std::string(kAlertDataSchema)}};
}

std::vector<std::pair<std::string, std::string>> alert_headers(const Alert& alert) {
  std::vector<std::pair<std::string, std::string>> headers = alert_attributes(alert);
  for (auto& [key, value] : headers)
    key = key == "datacontenttype" ? std::string("content-type") : fmt::format("ce_{}", key);
  return headers;
}

}  // namespace churnwire
