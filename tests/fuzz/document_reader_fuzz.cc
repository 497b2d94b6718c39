#include <cstdlib>
#include <string_view>

#include "operators/document_reader.h"
#include "operators/entities/gate.h"
#include "tests/operators/text_data.h"

namespace {

using namespace churnwire;

struct World {
  DataFiles files = testing_data::project_data();
  Catalog catalog = *Catalog::parse(files);
  ReadingTables tables = *ReadingTables::parse(catalog, files);
  Gate gate = *Gate::make(catalog, files);
  DocumentReader reader{catalog, tables};
};

World& world() {
  static World* const kWorld = new World;
  return *kWorld;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// Whatever the bytes, tokens, sentences and mentions are in order, inside their bounds and map back to the
/// fields.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = bytes.find('\n');
  Article article;
  article.title = bytes.substr(0, cut == std::string_view::npos ? 0 : cut);
  article.body = bytes.substr(cut == std::string_view::npos ? 0 : cut + 1);
  (void)world().gate.passes(article.title, article.body);
  const Document& document = world().reader.read(article);
  require(document.lower.size() == document.text.size());
  std::uint32_t at = 0;
  for (const Token& token : document.tokens) {
    require(at <= token.begin);
    require(token.begin < token.end);
    require(token.end <= document.text.size());
    at = token.end;
  }
  std::uint32_t next = 0;
  for (const Sentence& sentence : document.sentences) {
    require(sentence.first_token == next);
    require(sentence.first_token < sentence.last_token);
    next = sentence.last_token;
  }
  require(next <= document.tokens.size());
  std::uint32_t free = 0;
  for (const Mention& mention : document.mentions) {
    require(free <= mention.first_token);
    require(mention.first_token < mention.last_token);
    require(mention.last_token <= document.tokens.size());
    free = mention.last_token;
    const SourceSpan span = world().reader.source_span(document.tokens[mention.first_token].begin,
                                                       document.tokens[mention.last_token - 1].end);
    require(span.begin < span.end);
    require(span.end <= (span.field == Field::title ? article.title : article.body).size());
  }
  return 0;
}
