#include "operators/churn/money.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "operators/text/data_lines.h"

namespace churnwire {
namespace {

constexpr std::uint32_t kAround = 9;  // tokens on each side that say what an amount is

std::optional<double> number_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ',' && c != '\'') digits += c;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// "five-year", "over three years": how long a total runs; 1 where nothing is said.
int years_of(const Reading& reading, std::uint32_t first, std::uint32_t last) {
  static constexpr std::array<std::string_view, 11> kWords{"zero", "one",   "two",   "three", "four", "five",
                                                           "six",  "seven", "eight", "nine",  "ten"};
  const auto count = [](std::string_view word) {
    int number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error == std::errc() && end == word.data() + word.size()) return number;
    const auto found = std::ranges::find(kWords, word);
    return found == kWords.end() ? 0 : static_cast<int>(found - kWords.begin());
  };
  for (std::uint32_t t = first; t < last; ++t) {
    const std::string_view word = reading.lower(t);
    if (word.ends_with("-year")) {
      if (const int years = count(word.substr(0, word.size() - 5)); years > 1 && years <= 15) return years;
    }
    if (word == "years" && t > first) {
      if (const int years = count(reading.lower(t - 1)); years > 1 && years <= 15) return years;
    }
  }
  return 1;
}

MoneyBasis basis_of(const Reading& reading, std::size_t s, std::uint32_t first, std::uint32_t last,
                    int years) {
  const auto near = [&](std::string_view cls) { return reading.has_cue(s, cls, first, last); };
  if (near("m_savings")) return MoneyBasis::savings;
  if (near("m_month")) return MoneyBasis::per_month;
  if (near("m_year")) return MoneyBasis::per_year;
  if (near("m_option")) return MoneyBasis::option;
  if (near("m_impact")) return MoneyBasis::revenue_impact;
  if (years > 1) return MoneyBasis::total;
  if (near("m_bill")) return MoneyBasis::bill;
  if (near("m_contract")) return MoneyBasis::total;
  return MoneyBasis::unknown;
}

}  // namespace

std::expected<MoneyTables, DataError> MoneyTables::parse(const DataFiles& files) {
  MoneyTables tables;
  auto words = read_data_lines(files, "money/words.tsv", 3, 3);
  if (!words) return std::unexpected(words.error());
  for (const DataLine& line : *words) {
    const std::string word(line.fields[1]);
    const std::string value(line.fields[2]);
    if (line.fields[0] == "currency") {
      tables.currencies_[word] = value;
    } else if (line.fields[0] == "scale") {
      const auto factor = number_of(value);
      if (!factor)
        return std::unexpected(DataError{"money/words.tsv", line.line, "a scale must be a number"});
      tables.scales_[word] = *factor;
    } else if (line.fields[0] == "approx") {
      tables.approx_[word] = true;
    } else {
      return std::unexpected(
          DataError{"money/words.tsv", line.line, "kind must be currency, scale or approx"});
    }
  }
  auto rates = read_data_lines(files, "money/rates.tsv", 3, 3);
  if (!rates) return std::unexpected(rates.error());
  for (const DataLine& line : *rates) {
    const auto year = number_of(line.fields[1]);
    const auto rate = number_of(line.fields[2]);
    if (!year || !rate)
      return std::unexpected(DataError{"money/rates.tsv", line.line, "year and rate must be numbers"});
    tables.rates_[std::string(line.fields[0])][static_cast<int>(*year)] = *rate;
  }
  return tables;
}

std::optional<std::string> MoneyTables::currency(const std::string& word) const {
  const auto found = currencies_.find(word);
  if (found == currencies_.end()) return std::nullopt;
  return found->second;
}

std::optional<double> MoneyTables::scale(const std::string& word) const {
  const auto found = scales_.find(word);
  if (found == scales_.end()) return std::nullopt;
  return found->second;
}

std::optional<double> MoneyTables::rate(const std::string& currency, int year) const {
  if (currency == "USD") return 1.0;
  const auto found = rates_.find(currency);
  if (found == rates_.end()) return std::nullopt;
  auto after = found->second.upper_bound(year);
  return (after == found->second.begin() ? after : std::prev(after))->second;
}

void find_amounts(const Reading& reading, const MoneyTables& tables, std::size_t s, int year,
                  std::vector<Amount>& amounts) {
  const Document& document = reading.document();
  const Sentence& sentence = reading.sentence(s);
  for (std::uint32_t t = sentence.first_token; t < sentence.last_token; ++t) {
    if (document.tokens[t].kind != TokenKind::number) continue;
    const auto number = number_of(document.token_text(t));
    if (!number) continue;
    const auto lower = [&](std::uint32_t token) { return std::string(reading.lower(token)); };
    std::uint32_t first = t;
    std::uint32_t last = t + 1;
    std::optional<std::string> currency;
    if (t > sentence.first_token) currency = tables.currency(lower(t - 1));
    if (currency) --first;
    double scale = 1;
    if (last < sentence.last_token) {
      std::string word = lower(last);
      if (word == "-" && last + 1 < sentence.last_token) word = lower(last + 1);
      if (const auto factor = tables.scale(word)) {
        scale = *factor;
        last += reading.lower(last) == "-" ? 2 : 1;
      }
    }
    if (!currency && last < sentence.last_token) {
      currency = tables.currency(lower(last));
      if (currency) ++last;
    }
    if (!currency || *number <= 0 || *number * scale > 9e17) continue;
    const std::uint32_t from = std::max(sentence.first_token, first > kAround ? first - kAround : 0);
    const std::uint32_t to = std::min(sentence.last_token, last + kAround);
    if (reading.has_cue(s, "m_exclude", from, to) && !reading.has_cue(s, "m_contract", from, to)) continue;
    Amount amount;
    amount.sentence = static_cast<std::uint32_t>(s);
    amount.years = years_of(reading, from, to);
    amount.money.amount = static_cast<std::int64_t>(std::llround(*number * scale));
    amount.money.currency = *currency;
    if (const auto rate = tables.rate(*currency, year)) {
      amount.money.usd = static_cast<std::int64_t>(std::llround(*number * scale * *rate));
    }
    amount.money.basis = basis_of(reading, s, from, to, amount.years);
    amount.money.approx = first > sentence.first_token && tables.approximates(lower(first - 1));
    if (amount.money.approx) --first;
    amount.money.begin = document.tokens[first].begin;
    amount.money.end = document.tokens[last - 1].end;
    if (amount.money.basis == MoneyBasis::unknown) continue;  // nothing says that it belongs to a contract
    amounts.push_back(std::move(amount));
  }
}

std::optional<std::int64_t> annual_value_usd(const std::vector<Amount>& amounts) {
  const auto first_of = [&](MoneyBasis basis) -> std::optional<std::int64_t> {
    for (const Amount& amount : amounts) {
      if (amount.money.basis == basis && amount.money.usd)
        return *amount.money.usd / (basis == MoneyBasis::total ? amount.years : 1);
    }
    return std::nullopt;
  };
  if (const auto yearly = first_of(MoneyBasis::per_year)) return yearly;
  if (const auto monthly = first_of(MoneyBasis::per_month)) return 12 * *monthly;
  if (const auto total = first_of(MoneyBasis::total)) return total;
  if (const auto bill = first_of(MoneyBasis::bill)) return bill;
  return first_of(MoneyBasis::revenue_impact);
}

}  // namespace churnwire
