#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace churnwire::correlate {

/// Words of a folded workload -> its class. Workloads of different classes are different churns; of one
/// class, or of none, they may be one.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 26> kWorkloadClasses{{
    {"email", "office"},
    {"mail", "office"},
    {"office", "office"},
    {"collaboration", "office"},
    {"calendar", "office"},
    {"teams", "office"},
    {"productivity", "office"},
    {"cdn", "delivery"},
    {"delivery", "delivery"},
    {"edge", "delivery"},
    {"caching", "delivery"},
    {"dns", "delivery"},
    {"training", "ai"},
    {"inference", "ai"},
    {"gpu", "ai"},
    {"gpus", "ai"},
    {"ai", "ai"},
    {"models", "ai"},
    {"warehouse", "data"},
    {"analytics", "data"},
    {"database", "data"},
    {"databases", "data"},
    {"backup", "archive"},
    {"backups", "archive"},
    {"archive", "archive"},
    {"archives", "archive"},
}};

/// Traits of an unnamed customer that say its size, not what it does.
inline constexpr std::array<std::string_view, 9> kSizeTraits{
    "large", "top", "major", "big", "small", "key", "startup", "leading", "enterprise"};

constexpr std::string_view workload_class_of(std::string_view folded) {
  while (!folded.empty()) {
    const auto end = folded.find(' ');
    const std::string_view word = folded.substr(0, end);
    for (const auto& [key, cls] : kWorkloadClasses) {
      if (key == word) return cls;
    }
    folded = end == std::string_view::npos ? std::string_view() : folded.substr(end + 1);
  }
  return {};
}

constexpr bool is_size_trait(std::string_view trait) {
  for (const std::string_view size : kSizeTraits) {
    if (size == trait) return true;
  }
  return false;
}

}  // namespace churnwire::correlate
