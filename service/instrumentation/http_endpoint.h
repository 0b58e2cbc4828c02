#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace sextant {

struct HttpResponse {
  int code = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// A small HTTP server for /metrics, /healthz and /readyz, with threads of its own, so that it
/// answers while the workers are busy. GET and HEAD only; other paths are 404. Thread-safe.
class HttpEndpoint {
 public:
  /// Called on a thread of the endpoint, several at a time.
  using Page = std::function<HttpResponse()>;
  using Pages = std::map<std::string, Page>;

  /// `address` is host:port with a numeric host; port 0 takes a free one.
  /// Errors: INVALID_ARGUMENT, UNAVAILABLE when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(const std::string& address,
                                                             const Pages& pages);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  int port() const;

 private:
  struct Civet;
  explicit HttpEndpoint(std::unique_ptr<Civet> civet);

  const std::unique_ptr<Civet> civet_;
};

}  // namespace sextant
