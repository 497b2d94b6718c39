#pragma once

#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "operators/data_files.h"
#include "operators/text/document.h"
#include "schemas/errors.h"

namespace churnwire {

/// Tells English, Chinese, Japanese, German, French and Spanish apart by script and function words
/// (text/stopwords.tsv). A function word of several languages counts for each, in parts.
class LanguageDetector {
 public:
  static std::expected<LanguageDetector, DataError> parse(const DataFiles& files);
  /// The language of the tokens of `document`. `declared` (BCP 47) is believed when it agrees, or when the
  /// text says too little; otherwise the text decides, and "und" means that it does not.
  std::string detect(const Document& document, std::string_view declared) const;

 private:
  struct Weight {
    std::size_t language = 0;
    double weight = 0;
  };
  std::vector<std::string> languages_;
  std::unordered_map<std::string, std::vector<Weight>> words_;
};

}  // namespace churnwire
