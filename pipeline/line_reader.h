#pragma once

#include <cstddef>
#include <expected>
#include <istream>
#include <memory>
#include <string>

namespace churnwire {

/// Reads the lines of a file, of standard input ("-"), or of a .gz or .zst file, decompressed by its name.
/// Thread-compatible.
class LineReader {
 public:
  /// Opens `path`; the error says what and why.
  static std::expected<LineReader, std::string> open(const std::string& path);

  enum class Status { line, end, broken };
  /// Reads the next line without its line feed into `line` (reused). `broken`: the compressed stream is
  /// damaged or the disk failed; error() says so and nothing more can be read.
  Status next(std::string& line);

  const std::string& path() const { return path_; }
  std::size_t line_number() const { return line_number_; }
  const std::string& error() const { return error_; }

 private:
  LineReader(std::string path, std::unique_ptr<std::istream> stream);
  std::string path_;
  std::unique_ptr<std::istream> stream_;
  std::size_t line_number_ = 0;
  std::string error_;
};

}  // namespace churnwire
