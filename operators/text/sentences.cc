#include "operators/text/sentences.h"

#include <algorithm>

#include "operators/text/data_lines.h"
#include "operators/text/unicode.h"

namespace churnwire {
namespace {

constexpr std::uint32_t kShortLineBytes = 48;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_final(std::string_view t) {
  return t.starts_with('.') || is_one_of(t, {"!", "?", "…", "。", "！", "？", "｡", "．"});
}

bool is_closer(std::string_view t) {
  return is_one_of(t, {"\"", "'", ")", "]", "」", "』", "）", "】", "》"});
}

struct Splitter {
  const SentenceTables& tables;
  Document& doc;
  Field field;
  const std::vector<std::uint32_t>& items;
  std::size_t next_item = 0;
  bool open_quote = false;
  int open_corners = 0;

  int newlines_between(std::uint32_t left, std::uint32_t right) const {
    int lines = 0;
    for (std::uint32_t i = doc.tokens[left].end; i < doc.tokens[right].begin; ++i)
      lines += doc.text[i] == '\n';
    return lines;
  }

  std::uint32_t line_length(std::uint32_t token) const {
    std::size_t begin = doc.text.rfind('\n', doc.tokens[token].begin);
    begin = begin == std::string::npos ? 0 : begin + 1;
    return static_cast<std::uint32_t>(doc.tokens[token].end - begin);
  }

  bool is_bullet(std::uint32_t token) const {
    return is_one_of(doc.token_text(token), {"-", "*", "•", "·", "—", "–", "▪", "■", "●", "◆", "・"});
  }

  bool starts_lower(std::uint32_t token) const {
    const Token& t = doc.tokens[token];
    return t.kind == TokenKind::word && !t.capitalised && is_lower(decode_utf8(doc.text, t.begin).value);
  }

  /// A single line feed ends a paragraph unless the text is wrapped at a fixed width.
  bool line_breaks(std::uint32_t left, std::uint32_t right) const {
    if (is_bullet(right)) return true;
    const std::string_view last = doc.token_text(left);
    if (is_final(last) || is_closer(last) || is_one_of(last, {":", "："})) return true;
    if (starts_lower(right) || is_one_of(last, {",", ";", "-"})) return false;
    const bool cjk = doc.tokens[left].kind == TokenKind::cjk;
    return cjk || line_length(left) < kShortLineBytes;
  }

  /// True when the dot after token `word` belongs to an abbreviation, given the token after the dot.
  bool dot_is_inner(std::uint32_t dot, std::uint32_t next) const {
    if (doc.tokens[dot].space_before || dot == 0) return false;
    const std::uint32_t word = dot - 1;
    const Token& w = doc.tokens[word];
    const std::string_view lower = doc.token_lower(word);
    const bool opener = tables.is_opener(doc.token_lower(next));
    if (w.kind == TokenKind::number) {
      return w.end - w.begin <= 2 && tables.follows_ordinal(doc.token_lower(next));
    }
    if (w.kind != TokenKind::word) return false;
    if (tables.is_abbreviation(lower)) return true;
    if (tables.is_closing_abbreviation(lower)) return !opener;
    if (w.end - w.begin == 1 && w.capitalised && doc.tokens[next].capitalised) return !opener;
    return false;
  }

  bool ends_here(std::uint32_t last, std::uint32_t next) const {
    const std::string_view t = doc.token_text(last);
    const Token& n = doc.tokens[next];
    if (t.size() > 2 && t.back() == '.' && doc.tokens[last].kind == TokenKind::word) {  // "U.S."
      return n.capitalised && tables.is_opener(doc.token_lower(next));
    }
    if (!is_final(t)) return false;
    if (static_cast<unsigned char>(t[0]) >= 0x80 && t != "…") return true;  // 。！？
    if (t == ".") {
      if (dot_is_inner(last, next)) return false;
      if (!n.space_before) return n.capitalised || n.kind == TokenKind::cjk || doc.token_text(next) == "\"";
    }
    return !starts_lower(next);
  }

  /// True when sentence [first, last] closes before `next`, and moves `last` over closing quotes.
  bool sentence_ends(std::uint32_t last, std::uint32_t next) const {
    std::uint32_t final = last;
    while (final > 0 && is_closer(doc.token_text(final)) && !doc.tokens[final].space_before &&
           final + 3 > last) {
      --final;
    }
    if (is_closer(doc.token_text(next)) && !doc.tokens[next].space_before) return false;
    if (final != last && !is_final(doc.token_text(final))) return false;
    return ends_here(final, next);
  }

  void note_quotes(std::uint32_t token) {
    const std::string_view t = doc.token_text(token);
    if (t == "\"") open_quote = !open_quote;
    if (t == "「" || t == "『") ++open_corners;
    if ((t == "」" || t == "』") && open_corners > 0) --open_corners;
  }

  bool begins_item(std::uint32_t token) {
    const std::uint32_t at = doc.tokens[token].begin;
    bool item = false;
    while (next_item < items.size() && items[next_item] <= at) {
      item = true;
      ++next_item;
    }
    return item;
  }

  bool shouts(std::uint32_t first, std::uint32_t last) const {
    std::uint32_t upper = 0;
    std::uint32_t lower = 0;
    for (std::uint32_t i = doc.tokens[first].begin; i < doc.tokens[last - 1].end;) {
      const CodePoint cp = decode_utf8(doc.text, i);
      upper += is_upper(cp.value) ? 1U : 0U;
      lower += is_lower(cp.value) ? 1U : 0U;
      i += cp.length;
    }
    return upper >= 12 && lower * 4 < upper && last - first >= 4;
  }

  void emit(std::uint32_t first, std::uint32_t last, std::uint16_t paragraph, bool item, bool quoted) {
    Sentence sentence;
    sentence.first_token = first;
    sentence.last_token = last;
    sentence.field = field;
    sentence.paragraph = paragraph;
    sentence.index = static_cast<std::uint16_t>(std::min<std::size_t>(doc.sentences.size(), 0xFFFF));
    sentence.shouting = shouts(first, last);
    sentence.list_item = item;
    sentence.quoted = quoted;
    doc.sentences.push_back(sentence);
    for (std::uint32_t i = first; i < last; ++i) {
      Token& token = doc.tokens[i];
      if (token.kind == TokenKind::punctuation || token.kind == TokenKind::symbol) continue;
      if (i > first && token.kind == TokenKind::number) break;
      token.sentence_initial = true;
      break;
    }
  }

  bool numbered(std::uint32_t token, std::uint32_t end) const {
    return token + 2 < end && doc.tokens[token].kind == TokenKind::number &&
           doc.tokens[token].end - doc.tokens[token].begin <= 2 &&
           is_one_of(doc.token_text(token + 1), {".", ")", "、"}) && !doc.tokens[token + 1].space_before;
  }

  void run(std::uint32_t begin) {
    const auto end = static_cast<std::uint32_t>(doc.tokens.size());
    std::uint16_t paragraph = 0;
    std::uint32_t first = begin;
    bool quoted = false;
    bool item = begin < end && (begins_item(begin) || is_bullet(begin));
    for (std::uint32_t i = begin; i < end && doc.sentences.size() < kSentencesMax; ++i) {
      note_quotes(i);
      const bool last_token = i + 1 == end;
      bool breaks = false;
      if (!last_token) {
        const int lines = newlines_between(i, i + 1);
        const bool item_next = next_item < items.size() && items[next_item] <= doc.tokens[i + 1].begin;
        breaks = lines >= 2 || item_next || (lines == 1 && line_breaks(i, i + 1));
      }
      if (!last_token && !breaks && !sentence_ends(i, i + 1) && i + 1 - first < kSentenceTokensMax) continue;
      emit(first, i + 1, paragraph, item, quoted);
      first = i + 1;
      if (breaks) {
        if (paragraph < 0xFFFF) ++paragraph;
        open_quote = false;
        open_corners = 0;
        item = begins_item(first) || is_bullet(first) || numbered(first, end);
      }
      quoted = open_quote || open_corners > 0;
    }
  }
};

}  // namespace

std::expected<SentenceTables, DataError> SentenceTables::parse(const DataFiles& files) {
  SentenceTables tables;
  const std::string path = "text/abbreviations.tsv";
  auto lines = read_data_lines(files, path, 2, 2);
  if (!lines) return std::unexpected(lines.error());
  for (const DataLine& line : *lines) {
    std::string word(line.fields[0]);
    if (line.fields[1] == "inner") {
      tables.abbreviations_.insert(std::move(word));
    } else if (line.fields[1] == "closing") {
      tables.closing_.insert(std::move(word));
    } else if (line.fields[1] == "after-ordinal") {
      tables.ordinal_.insert(std::move(word));
    } else if (line.fields[1] == "opener") {
      tables.openers_.insert(std::move(word));
    } else {
      return std::unexpected(
          DataError{path, line.line, "the kind is not inner, closing, after-ordinal or opener"});
    }
  }
  return tables;
}

void split_sentences(const SentenceTables& tables, Document& document, std::uint32_t first_token, Field field,
                     const std::vector<std::uint32_t>& items) {
  if (first_token >= document.tokens.size()) return;
  Splitter splitter{tables, document, field, items};
  splitter.run(first_token);
}

}  // namespace churnwire
