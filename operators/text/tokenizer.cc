#include "operators/text/tokenizer.h"

#include "operators/text/data_lines.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

std::string folded(std::string_view text) {
  std::string out;
  fold_lower(text, out);
  return out;
}

struct Reader {
  const TokenTables& tables;
  std::string_view text;
  std::uint32_t end;
  std::vector<Token>& out;

  CodePoint peek(std::uint32_t at) const { return at < end ? decode_utf8(text, at) : CodePoint{0, 1}; }
  CharClass class_at(std::uint32_t at) const {
    return at < end ? classify(decode_utf8(text, at).value) : CharClass::space;
  }
  bool word_at(std::uint32_t at) const {
    const CharClass c = class_at(at);
    return c == CharClass::letter || c == CharClass::digit || c == CharClass::mark;
  }

  void push(std::uint32_t begin, std::uint32_t stop, TokenKind kind) {
    Token token;
    token.begin = begin;
    token.end = stop;
    token.kind = kind;
    token.space_before = begin == 0 || text[begin - 1] == ' ' || text[begin - 1] == '\n';
    if (kind == TokenKind::word) shape(token);
    out.push_back(token);
  }

  void shape(Token& token) const {
    int upper = 0;
    int lower = 0;
    bool first = true;
    for (std::uint32_t i = token.begin; i < token.end;) {
      const CodePoint cp = decode_utf8(text, i);
      if (is_upper(cp.value)) {
        ++upper;
        if (first) token.capitalised = true;
        first = false;
      } else if (is_lower(cp.value)) {
        ++lower;
        first = false;
      }
      i += cp.length;
    }
    token.all_caps = upper >= 2 && lower == 0;
  }

  std::uint32_t word_run(std::uint32_t at) const {
    while (at < end && word_at(at)) at += peek(at).length;
    return at;
  }

  std::uint32_t url_end(std::uint32_t at) const {
    std::uint32_t i = at;
    while (i < end) {
      const CodePoint cp = peek(i);
      const CharClass c = classify(cp.value);
      if (c == CharClass::space || is_cjk(c) || cp.value == '"' || cp.value == '<' || cp.value == '>' ||
          cp.value > 0x2000) {
        break;
      }
      i += cp.length;
    }
    while (i > at && std::string_view(".,;:!?)]'").find(text[i - 1]) != std::string_view::npos) --i;
    return i;
  }

  bool starts_url(std::uint32_t at) const {
    const std::string_view rest = text.substr(at, end - at);
    return rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("www.");
  }

  std::uint32_t number_end(std::uint32_t at) const {
    std::uint32_t i = at;
    while (i < end) {
      if (is_ascii_digit(text[i])) {
        ++i;
      } else if ((text[i] == '.' || text[i] == ',') && i + 1 < end && is_ascii_digit(text[i + 1])) {
        i += 2;
      } else {
        break;
      }
    }
    return i;
  }

  bool after_currency(std::uint32_t at) const {
    if (at == 0) return false;
    const char c = text[at - 1];
    if (c == '$') return true;
    const std::string_view before = text.substr(0, at);
    return before.ends_with("€") || before.ends_with("£") || before.ends_with("¥");
  }

  /// A token that begins with a digit: a number, or a word such as "37signals".
  std::uint32_t read_number(std::uint32_t at) {
    const std::uint32_t digits = number_end(at);
    const std::uint32_t run = word_run(digits);
    if (run == digits) {
      push(at, digits, TokenKind::number);
      return digits;
    }
    const std::string_view suffix = text.substr(digits, run - digits);
    const bool decimal = text.substr(at, digits - at).find_first_of(".,") != std::string_view::npos;
    const bool unit = tables.is_unit(folded(suffix));
    const bool plain_case = suffix.size() > 1 || is_ascii_lower(suffix[0]);
    if (decimal || (unit && (plain_case || after_currency(at)))) {
      push(at, digits, TokenKind::number);
      return digits;
    }
    return read_word(at);
  }

  /// True when the dot at `dot` is inside a word: "U.S", "Fly.io", "S.p.A", not "today.The".
  bool inner_dot(std::uint32_t word, std::uint32_t dot) const {
    if (!word_at(dot + 1) || class_at(dot + 1) == CharClass::digit) return false;
    std::uint32_t piece = dot;
    while (piece > word && text[piece - 1] != '.') --piece;
    const std::uint32_t next_end = word_run(dot + 1);
    const bool next_upper = is_upper(peek(dot + 1).value);
    if (dot - piece <= 1) return true;
    return !next_upper || next_end - dot - 1 <= 1;
  }

  std::uint32_t read_word(std::uint32_t at) {
    std::uint32_t i = word_run(at);
    while (i < end) {
      const char c = text[i];
      if ((c == '-' || c == '_') && word_at(i + 1)) {
        i = word_run(i + 1);
      } else if (c == '&' && word_at(i + 1) && i - at <= 3) {
        i = word_run(i + 1);
      } else if (c == '.' && inner_dot(at, i)) {
        i = word_run(i + 1);
      } else if (c == '\'' && word_at(i + 1)) {
        const std::uint32_t next = word_run(i + 1);
        if (tables.is_elision(folded(text.substr(at, i - at)))) {
          push(at, i + 1, TokenKind::word);
          return i + 1;
        }
        if (tables.is_clitic(folded(text.substr(i + 1, next - i - 1)))) return split_clitic(at, i, next);
        i = next;
      } else if (c == '@' && word_at(i + 1) &&
                 text.substr(i, url_end(i) - i).find('.') != std::string_view::npos) {
        const std::uint32_t stop = url_end(i);
        push(at, stop, TokenKind::symbol);
        return stop;
      } else {
        break;
      }
    }
    i = read_tail(at, i);
    push(at, i, TokenKind::word);
    return i;
  }

  /// "+" of "C++" and "Disney+", the last dot of "U.S.".
  std::uint32_t read_tail(std::uint32_t at, std::uint32_t i) const {
    std::uint32_t plus = i;
    while (plus < end && text[plus] == '+') ++plus;
    if (plus > i && plus - i <= 2 && !word_at(plus)) return plus;
    if (i < end && text[i] == '.' && i >= at + 3 && text[i - 2] == '.') return i + 1;
    return i;
  }

  std::uint32_t split_clitic(std::uint32_t at, std::uint32_t apostrophe, std::uint32_t next) {
    const bool negation = text.substr(apostrophe + 1, next - apostrophe - 1) == "t" && apostrophe > at + 1 &&
                          (text[apostrophe - 1] == 'n' || text[apostrophe - 1] == 'N');
    const std::uint32_t cut = negation ? apostrophe - 1 : apostrophe;
    push(at, cut, TokenKind::word);
    push(cut, next, TokenKind::word);
    return next;
  }

  std::uint32_t read(std::uint32_t at) {
    const CodePoint cp = peek(at);
    switch (classify(cp.value)) {
      case CharClass::space:
        return at + cp.length;
      case CharClass::digit:
        return is_ascii_digit(text[at]) ? read_number(at) : read_word(at);
      case CharClass::letter:
      case CharClass::mark: {
        if (starts_url(at)) {
          const std::uint32_t stop = url_end(at);
          push(at, stop, TokenKind::symbol);
          return stop;
        }
        return read_word(at);
      }
      case CharClass::ideograph:
        push(at, at + cp.length, TokenKind::cjk);
        return at + cp.length;
      case CharClass::katakana: {
        std::uint32_t i = at;
        while (i < end && class_at(i) == CharClass::katakana) i += peek(i).length;
        push(at, i, TokenKind::cjk);
        return i;
      }
      case CharClass::punctuation: {
        std::uint32_t i = at + cp.length;
        if (cp.value == '.') {
          while (i < end && text[i] == '.') ++i;
        }
        push(at, i, TokenKind::punctuation);
        return i;
      }
      case CharClass::symbol:
        push(at, at + cp.length, TokenKind::symbol);
        return at + cp.length;
    }
    return at + cp.length;
  }
};

}  // namespace

std::expected<TokenTables, DataError> TokenTables::parse(const DataFiles& files) {
  TokenTables tables;
  const std::string path = "text/token_parts.tsv";
  auto lines = read_data_lines(files, path, 2, 2);
  if (!lines) return std::unexpected(lines.error());
  for (const DataLine& line : *lines) {
    const std::string word(line.fields[0]);
    if (line.fields[1] == "unit") {
      tables.units_.insert(word);
    } else if (line.fields[1] == "elision") {
      tables.elisions_.insert(word);
    } else if (line.fields[1] == "clitic") {
      tables.clitics_.insert(word);
    } else {
      return std::unexpected(DataError{path, line.line, "the kind is not unit, elision or clitic"});
    }
  }
  return tables;
}

void tokenize(const TokenTables& tables, std::string_view text, std::uint32_t begin, std::uint32_t end,
              std::vector<Token>& tokens) {
  Reader reader{tables, text, end, tokens};
  while (begin < end && tokens.size() < kTokensMax) begin = reader.read(begin);
}

}  // namespace churnwire
