#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "operators/churn/reading.h"
#include "operators/data_files.h"
#include "schemas/errors.h"
#include "schemas/signal.h"

namespace churnwire {

/// Words of money and exchange rates, from data/money. Immutable.
class MoneyTables {
 public:
  static std::expected<MoneyTables, DataError> parse(const DataFiles& files);
  std::optional<std::string> currency(const std::string& word) const;
  std::optional<double> scale(const std::string& word) const;
  bool approximates(const std::string& word) const { return approx_.contains(word); }
  /// US dollars per unit of `currency` in `year`; nothing for an unknown currency.
  std::optional<double> rate(const std::string& currency, int year) const;

 private:
  std::map<std::string, std::string> currencies_;
  std::map<std::string, double> scales_;
  std::map<std::string, bool> approx_;
  std::map<std::string, std::map<int, double>> rates_;
};

/// An amount met in the text, before its offsets are mapped to the received bytes.
struct Amount {
  Money money;  // begin, end: bytes of Document::text
  std::uint32_t sentence = 0;
  int years = 1;  // of a multi-year total
};

/// Finds the amounts of a sentence that can be money of a churn: growth, revenue of a segment, market share,
/// valuations and fines are left alone. `year` is that of publication, for the exchange rate.
void find_amounts(const Reading& reading, const MoneyTables& tables, std::size_t sentence, int year,
                  std::vector<Amount>& amounts);

/// The one figure a reader wants (labelling guide, section 3): a yearly amount, else twelve monthly ones,
/// else a total divided by its years; savings are not value. In US dollars.
std::optional<std::int64_t> annual_value_usd(const std::vector<Amount>& amounts);

}  // namespace churnwire
