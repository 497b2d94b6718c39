#pragma once

#include <expected>
#include <memory>
#include <string_view>

#include "operators/entities/catalog.h"

namespace churnwire {

/// Decides on the text as received whether an article can concern a cloud provider at all: it names one
/// (strong or weak alias, product, description) or speaks of the cloud or hosting in words of cues/gate.tsv.
/// No false negatives against the Matcher on clean text; articles without such a word cost one pass and no
/// allocation. Immutable after construction, shared by all threads.
class Gate {
 public:
  static std::expected<Gate, DataError> make(const Catalog& catalog, const DataFiles& files);
  Gate(Gate&&) noexcept;
  Gate& operator=(Gate&&) noexcept;
  ~Gate();
  bool passes(std::string_view title, std::string_view body) const;

 private:
  friend class GateScan;
  struct Tables;
  explicit Gate(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

}  // namespace churnwire
