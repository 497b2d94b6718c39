#pragma once

#include <cstdint>
#include <expected>
#include <memory>

#include "operators/entities/catalog.h"
#include "operators/text/document.h"
#include "schemas/article.h"

namespace churnwire {

/// Everything that reading text needs besides the catalog: abbreviations, entities, language profiles, name
/// cues, alias automata. Parsed from data files; immutable, shared by all workers.
class ReadingTables {
 public:
  static std::expected<ReadingTables, DataError> parse(const Catalog& catalog, const DataFiles& files);
  ReadingTables(ReadingTables&&) noexcept;
  ReadingTables& operator=(ReadingTables&&) noexcept;
  ~ReadingTables();

 private:
  friend class DocumentReader;
  struct Tables;
  ReadingTables();
  std::unique_ptr<const Tables> tables_;
};

/// Turns an article into a Document: clean, detect language, split sentences and tokens, find names. Runs
/// behind the gate only. Thread-compatible: one per worker; buffers are reused. `catalog` and `tables` must
/// outlive it.
class DocumentReader {
 public:
  DocumentReader(const Catalog& catalog, const ReadingTables& tables);
  ~DocumentReader();
  DocumentReader(const DocumentReader&) = delete;
  DocumentReader& operator=(const DocumentReader&) = delete;

  /// Reads `article`; the result is valid until the next read().
  const Document& read(const Article& article);
  /// Maps bytes [begin, end) of the last Document::text back to the field as received: from the first
  /// received byte that made `begin` to the last one that made `end - 1`. The range must lie within one
  /// field.
  SourceSpan source_span(std::uint32_t begin, std::uint32_t end) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace churnwire
