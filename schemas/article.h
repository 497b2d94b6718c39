#pragma once

#include <string_view>

#include "schemas/time.h"

namespace churnwire {

/// One news item as decoded from the input topic: views into the decoder's buffers, valid until its next
/// decode(). Text is UTF-8 as received (after JSON unescaping), not yet cleaned of tags and entities; every
/// evidence offset counts bytes of `title` or `body` here.
struct Article {
  std::string_view uri;
  std::string_view title;        // may be empty when body is not
  std::string_view body;         // may be empty when title is not
  std::string_view language;     // BCP 47 as declared, or empty
  std::string_view source_name;  // empty when unknown
  std::string_view source_uri;   // empty when unknown
  std::string_view url;          // empty when unknown
  std::string_view version;      // empty when unknown
  Timestamp published_at{};      // declared, or the record's timestamp when `time_assumed`
  bool time_assumed = false;
  bool canceled = false;  // a kill notice (`status: canceled`)
};

}  // namespace churnwire
