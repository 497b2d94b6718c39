#include "pipeline/alert_filter.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>
#include <vector>

namespace churnwire {
namespace {

constexpr int kNestingMax = 64;

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::vector<std::string> provider_values(const std::vector<ProviderRef>& providers) {
  std::vector<std::string> values;
  for (const ProviderRef& provider : providers) {
    values.push_back(provider.id);
    values.push_back(provider.name);
  }
  return values;
}

using Values = std::vector<std::string> (*)(const Alert&);
struct FieldReader {
  std::string_view name;
  Values values;
};

constexpr std::array kFields{
    FieldReader{"type", [](const Alert& a) { return std::vector{std::string(name(a.type))}; }},
    FieldReader{"event_type",
                [](const Alert& a) { return std::vector{std::string(name(a.event.event_type))}; }},
    FieldReader{"phase", [](const Alert& a) { return std::vector{std::string(name(a.event.phase))}; }},
    FieldReader{"fact_level",
                [](const Alert& a) { return std::vector{std::string(name(a.event.fact_level))}; }},
    FieldReader{"confidence", [](const Alert& a) { return std::vector{std::to_string(a.event.confidence)}; }},
    FieldReader{"value",
                [](const Alert& a) {
                  return a.event.annual_value_usd ? std::vector{std::to_string(*a.event.annual_value_usd)}
                                                  : std::vector<std::string>{};
                }},
    FieldReader{"customer",
                [](const Alert& a) {
                  std::vector<std::string> values{a.event.customer.id, a.event.customer.name,
                                                  a.event.customer.description};
                  values.insert(values.end(), a.event.customer.mentions.begin(),
                                a.event.customer.mentions.end());
                  return values;
                }},
    FieldReader{"losing", [](const Alert& a) { return provider_values(a.event.losing_providers); }},
    FieldReader{"gaining", [](const Alert& a) { return provider_values(a.event.gaining_providers); }},
    FieldReader{"reason",
                [](const Alert& a) {
                  std::vector<std::string> values;
                  for (const Reason reason : a.event.reasons) values.emplace_back(name(reason));
                  return values;
                }},
    FieldReader{"scope", [](const Alert& a) { return std::vector{std::string(name(a.event.scope.kind))}; }},
    FieldReader{"origins",
                [](const Alert& a) {
                  return std::vector{std::to_string(a.event.corroboration.independent_origins)};
                }},
    FieldReader{"headline", [](const Alert& a) { return std::vector{a.event.headline}; }},
};

bool to_number(std::string_view text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

struct AlertFilter::Node {
  enum class Kind : unsigned char { all, both, either, negation, comparison } kind = Kind::all;
  std::unique_ptr<Node> left, right;
  Values values = nullptr;
  std::string op;
  std::string value;

  bool accepts(const Alert& alert) const {
    switch (kind) {
      case Kind::all:
        return true;
      case Kind::both:
        return left->accepts(alert) && right->accepts(alert);
      case Kind::either:
        return left->accepts(alert) || right->accepts(alert);
      case Kind::negation:
        return !left->accepts(alert);
      case Kind::comparison:
        break;
    }
    const std::vector<std::string> found = values(alert);
    if (op == "!=")
      return std::ranges::none_of(found, [&](const std::string& f) { return lowered(f) == value; });
    return std::ranges::any_of(found, [&](const std::string& f) { return holds(lowered(f)); });
  }

 private:
  bool holds(const std::string& found) const {
    if (op == "==") return found == value;
    if (op == "~") return found.find(value) != std::string::npos;
    double a = 0;
    double b = 0;
    if (!to_number(found, a) || !to_number(value, b)) return false;
    if (op == ">=") return a >= b;
    if (op == "<=") return a <= b;
    return op == ">" ? a > b : a < b;
  }
};

namespace {

using Node = AlertFilter::Node;

/// A recursive-descent parser; the first error is kept.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::unique_ptr<Node> parse() {
    auto node = condition();
    skip_spaces();
    if (error_.empty() && at_ < text_.size()) fail("expected and, or, or the end");
    return node;
  }
  const std::string& error() const { return error_; }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  void fail(const std::string& what) {
    if (error_.empty()) error_ = "at character " + std::to_string(at_ + 1) + ": " + what;
  }
  bool take_word(std::string_view word) {
    skip_spaces();
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word)) return false;
    if (rest.size() > word.size() &&
        (std::isalnum(static_cast<unsigned char>(rest[word.size()])) != 0 || rest[word.size()] == '_'))
      return false;
    at_ += word.size();
    return true;
  }
  bool take(std::string_view symbol) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }

  static std::unique_ptr<Node> pair(Node::Kind kind, std::unique_ptr<Node> left,
                                    std::unique_ptr<Node> right) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }

  std::unique_ptr<Node> condition() {
    auto node = term();
    while (error_.empty() && take_word("or")) node = pair(Node::Kind::either, std::move(node), term());
    return node;
  }
  std::unique_ptr<Node> term() {
    auto node = factor();
    while (error_.empty() && take_word("and")) node = pair(Node::Kind::both, std::move(node), factor());
    return node;
  }
  std::unique_ptr<Node> factor() {
    if (++depth_ > kNestingMax) fail("nested too deep");
    auto node = error_.empty() ? primary() : std::make_unique<Node>();
    --depth_;
    return node;
  }
  std::unique_ptr<Node> primary() {
    if (take_word("not")) return pair(Node::Kind::negation, factor(), nullptr);
    if (take("(")) {
      auto node = condition();
      if (!take(")")) fail("expected )");
      return node;
    }
    return comparison();
  }
  std::unique_ptr<Node> comparison() {
    auto node = std::make_unique<Node>();
    node->kind = Node::Kind::comparison;
    skip_spaces();
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalpha(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    const std::string_view field = text_.substr(begin, at_ - begin);
    const auto known = std::ranges::find(kFields, field, &FieldReader::name);
    if (known == kFields.end()) {
      at_ = begin;
      std::string names;
      for (const FieldReader& reader : kFields)
        names += (names.empty() ? "" : ", ") + std::string(reader.name);
      fail("expected one of the fields " + names);
      return node;
    }
    node->values = known->values;
    for (const std::string_view op : {"==", "!=", ">=", "<=", "~", ">", "<"}) {
      if (take(op)) {
        node->op = op;
        break;
      }
    }
    if (node->op.empty()) fail("expected ==, !=, ~, >=, <=, > or < after " + std::string(field));
    node->value = lowered(value());
    return node;
  }
  std::string value() {
    skip_spaces();
    std::string text;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      const char quote = text_[at_++];
      while (at_ < text_.size() && text_[at_] != quote) text += text_[at_++];
      if (at_ == text_.size()) fail("the quotation does not end");
      ++at_;
    } else {
      while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != ')') text += text_[at_++];
      if (text.empty()) fail("expected a value");
    }
    return text;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string error_;
};

}  // namespace

AlertFilter::AlertFilter(std::unique_ptr<Node> root) : root_(std::move(root)) {}
AlertFilter::AlertFilter(AlertFilter&&) noexcept = default;
AlertFilter& AlertFilter::operator=(AlertFilter&&) noexcept = default;
AlertFilter::~AlertFilter() = default;

std::expected<AlertFilter, std::string> AlertFilter::parse(std::string_view text) {
  if (text.find_first_not_of(' ') == std::string_view::npos) return AlertFilter(std::make_unique<Node>());
  Parser parser(text);
  auto root = parser.parse();
  if (!parser.error().empty()) return std::unexpected(parser.error());
  return AlertFilter(std::move(root));
}

bool AlertFilter::accepts(const Alert& alert) const {
  return root_->accepts(alert);
}

}  // namespace churnwire
