#pragma once

#include <string>
#include <string_view>

#include "operators/detector.h"
#include "schemas/article_decoder.h"

namespace churnwire::golden {

/// The shipped knowledge, loaded once; ends the test binary with a message when it cannot be.
const Knowledge& knowledge();
const FeedMappings& feed_mappings();

/// Decodes and detects, as the daemon does.
class Reader {
 public:
  Reader() : decoder_(feed_mappings(), "native"), detector_(knowledge()) {}

  /// The signals of one article as a JSON array, "[]" where there are none, "error: …" for a record that is
  /// no article.
  std::string signals(std::string_view article);

 private:
  ArticleDecoder decoder_;
  Detector detector_;
};

}  // namespace churnwire::golden
