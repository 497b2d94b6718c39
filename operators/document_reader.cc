#include "operators/document_reader.h"

#include <algorithm>
#include <utility>

#include "operators/entities/matcher.h"
#include "operators/entities/names.h"
#include "operators/text/cleaner.h"
#include "operators/text/fingerprint.h"
#include "operators/text/language.h"
#include "operators/text/sentences.h"
#include "operators/text/tokenizer.h"
#include "operators/text/unicode.h"

namespace churnwire {

struct ReadingTables::Tables {
  CleaningTables cleaning;
  TokenTables tokens;
  SentenceTables sentences;
  LanguageDetector languages;
  NameFinder names;
  Matcher matcher;
};

std::expected<ReadingTables, DataError> ReadingTables::parse(const Catalog& catalog, const DataFiles& files) {
  auto cleaning = CleaningTables::parse(files);
  if (!cleaning) return std::unexpected(cleaning.error());
  auto tokens = TokenTables::parse(files);
  if (!tokens) return std::unexpected(tokens.error());
  auto sentences = SentenceTables::parse(files);
  if (!sentences) return std::unexpected(sentences.error());
  auto languages = LanguageDetector::parse(files);
  if (!languages) return std::unexpected(languages.error());
  auto names = NameFinder::parse(files);
  if (!names) return std::unexpected(names.error());
  Matcher matcher(catalog, *tokens, names->common_words());
  ReadingTables tables;
  tables.tables_ =
      std::make_unique<const Tables>(Tables{std::move(*cleaning), std::move(*tokens), std::move(*sentences),
                                            std::move(*languages), std::move(*names), std::move(matcher)});
  return tables;
}

ReadingTables::ReadingTables() = default;
ReadingTables::ReadingTables(ReadingTables&&) noexcept = default;
ReadingTables& ReadingTables::operator=(ReadingTables&&) noexcept = default;
ReadingTables::~ReadingTables() = default;

struct DocumentReader::State {
  explicit State(const ReadingTables::Tables& t) : tables(t), cleaner(t.cleaning) {}

  const ReadingTables::Tables& tables;
  Cleaner cleaner;
  Document document;
  CleanMap title_map;
  CleanMap body_map;
  Matcher::Scratch matches;
  std::vector<std::uint32_t> items;

  std::uint32_t body_begin() const {
    return std::min(document.title_end + 1, static_cast<std::uint32_t>(document.text.size()));
  }
  void read_field(Field field, const CleanMap& map, std::uint32_t begin, std::uint32_t end) {
    items.clear();
    for (const std::uint32_t item : map.items) items.push_back(begin + item);
    const auto first = static_cast<std::uint32_t>(document.tokens.size());
    tokenize(tables.tokens, document.text, begin, end, document.tokens);
    split_sentences(tables.sentences, document, first, field, items);
  }
};

DocumentReader::DocumentReader(const Catalog& /*catalog*/, const ReadingTables& tables)
    : state_(std::make_unique<State>(*tables.tables_)) {}
DocumentReader::~DocumentReader() = default;

const Document& DocumentReader::read(const Article& article) {
  State& s = *state_;
  Document& doc = s.document;
  doc.text.clear();
  doc.tokens.clear();
  doc.sentences.clear();
  s.cleaner.clean(article.title, doc.text, s.title_map);
  doc.title_end = static_cast<std::uint32_t>(doc.text.size());
  doc.text.push_back('\n');
  s.cleaner.clean(article.body, doc.text, s.body_map);
  fold_lower(doc.text, doc.lower);
  s.read_field(Field::title, s.title_map, 0, doc.title_end);
  s.read_field(Field::body, s.body_map, s.body_begin(), static_cast<std::uint32_t>(doc.text.size()));
  doc.language = s.tables.languages.detect(doc, article.language);
  s.tables.matcher.find(doc, s.matches);
  s.tables.names.find(doc);
  doc.fingerprint = simhash(doc);
  return doc;
}

SourceSpan DocumentReader::source_span(std::uint32_t begin, std::uint32_t end) const {
  const State& s = *state_;
  const bool title = begin < s.document.title_end;
  const CleanMap& map = title ? s.title_map : s.body_map;
  const std::uint32_t base = title ? 0 : s.body_begin();
  SourceSpan span;
  span.field = title ? Field::title : Field::body;
  span.begin = map.raw_begin_of(begin - std::min(begin, base));
  span.end = end > begin && end > base ? map.raw_end_of(end - 1 - base) : span.begin;
  return span;
}

}  // namespace churnwire
