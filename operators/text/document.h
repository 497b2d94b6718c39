#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/vocabulary.h"

namespace churnwire {

/// A byte range of a field as received.
struct SourceSpan {
  Field field = Field::body;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const SourceSpan&) const = default;
};

enum class TokenKind : std::uint8_t { word, number, punctuation, symbol, cjk };

/// One token of the cleaned text. Clitics are tokens of their own ("Alibaba" + "'s", "do" + "n't");
/// hyphenated words are one token; a CJK character is one token, a run of katakana, Latin or digits is one.
struct Token {
  std::uint32_t begin = 0;  // bytes of Document::text
  std::uint32_t end = 0;
  TokenKind kind = TokenKind::word;
  bool capitalised = false;       // first letter is upper case
  bool all_caps = false;          // two letters or more, all upper case
  bool sentence_initial = false;  // first word of its sentence (opening quotes do not count)
  bool space_before = false;
};

/// One sentence: tokens [first_token, last_token).
struct Sentence {
  std::uint32_t first_token = 0;
  std::uint32_t last_token = 0;
  Field field = Field::body;
  std::uint16_t paragraph = 0;  // counts from 0 in each field
  std::uint16_t index = 0;      // counts from 0 in the document, title sentences first
  bool shouting = false;        // most letters are capitals: capitals say nothing here
  bool list_item = false;       // from <li>, a bullet or a numbered line
  bool quoted = false;          // begins inside an open quotation
};

/// What a mention names.
enum class MentionKind : std::uint8_t {
  provider,      // `entity` indexes Catalog::providers()
  company,       // `entity` indexes Catalog::companies()
  unknown_name,  // a proper name that no catalog knows; `entity` counts distinct names of the document
  blocker        // text that looks like an alias and is not ("Lambda function"): consumed, names nothing
};

/// An occurrence of a name: tokens [first_token, last_token), all in one sentence.
struct Mention {
  std::uint32_t first_token = 0;
  std::uint32_t last_token = 0;
  MentionKind kind = MentionKind::unknown_name;
  bool strong = true;    // a strong alias, or a weak one that is licensed by its surroundings
  bool product = false;  // a product that implies its provider ("S3", "BigQuery")
  bool descriptive =
      false;  // a catalog description, not a name ("the TikTok owner", "Jeff Bezos's cloud arm")
  bool possessive = false;   // followed by 's or '
  bool compound = false;     // part of a hyphenated word: its tokens hold more than the name ("AWS-based")
  bool organisation = true;  // unknown names: false for what looks like a person, place, day, outlet
  std::uint32_t entity = 0;
};

/// A provider that is also a company (Oracle, Microsoft) yields one mention; `Catalog` tells the other role.

/// A cleaned, segmented article with the names found in it. Owned by a DocumentReader and reused for each
/// article; valid until the next read().
struct Document {
  std::string text;  // cleaned UTF-8 (NFC-ish): title, line feed, body; no tags, entities, control characters
  std::string lower;  // `text` folded to lower case, byte for byte of equal length and equal offsets
  std::uint32_t title_end = 0;  // text[0, title_end) is the title
  std::string language;         // BCP 47 primary subtag as detected ("en"), "und" where unsure
  std::vector<Token> tokens;
  std::vector<Sentence> sentences;
  std::vector<Mention> mentions;           // in text order, not overlapping
  std::vector<std::string> unknown_names;  // display form of each distinct unknown name, by Mention::entity
  std::uint64_t fingerprint = 0;           // SimHash over shingles of three folded word tokens of the body

  std::string_view token_text(std::uint32_t token) const {
    const Token& t = tokens[token];
    return std::string_view(text).substr(t.begin, t.end - t.begin);
  }
  std::string_view token_lower(std::uint32_t token) const {
    const Token& t = tokens[token];
    return std::string_view(lower).substr(t.begin, t.end - t.begin);
  }
  /// The cleaned text of tokens [first, last), spaces included.
  std::string_view span_text(std::uint32_t first, std::uint32_t last) const {
    if (first >= last) return {};
    return std::string_view(text).substr(tokens[first].begin, tokens[last - 1].end - tokens[first].begin);
  }
};

}  // namespace churnwire
