#include "pipeline/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/iostreams/device/file_descriptor.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

namespace churnwire {
namespace io = boost::iostreams;

LineReader::LineReader(std::string path, std::unique_ptr<std::istream> stream)
    : path_(std::move(path)), stream_(std::move(stream)) {}

std::expected<LineReader, std::string> LineReader::open(const std::string& path) {
  const bool from_stdin = path == "-";
  const int descriptor = from_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(path + ": " + std::strerror(errno));
  constexpr int kBufferBytes = 1 << 16;
  auto stream = std::make_unique<io::filtering_istream>();
  if (path.ends_with(".gz")) stream->push(io::gzip_decompressor(io::zlib::default_window_bits, kBufferBytes));
  if (path.ends_with(".zst")) stream->push(io::zstd_decompressor(kBufferBytes));
  stream->push(io::file_descriptor_source(descriptor, from_stdin ? io::never_close_handle : io::close_handle),
               kBufferBytes);
  stream->exceptions(
      std::ios::badbit);  // a damaged stream throws from the filter; next() turns it into `broken`
  return LineReader(from_stdin ? "standard input" : path, std::move(stream));
}

LineReader::Status LineReader::next(std::string& line) {
  if (!error_.empty()) return Status::broken;
  try {
    if (std::getline(*stream_, line)) {
      ++line_number_;
      if (line.ends_with('\r')) line.pop_back();
      return Status::line;
    }
    return Status::end;
  } catch (const std::exception& error) {
    error_ =
        path_ + ": after line " + std::to_string(line_number_) + ": cannot be read further: " + error.what();
    return Status::broken;
  }
}

}  // namespace churnwire
