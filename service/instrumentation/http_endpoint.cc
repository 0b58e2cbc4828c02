#include "service/instrumentation/http_endpoint.h"

#include <CivetServer.h>

#include <exception>
#include <vector>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

class PageHandler final : public CivetHandler {
 public:
  explicit PageHandler(HttpEndpoint::Page page) : page_(std::move(page)) {}

  bool handleGet(CivetServer*, mg_connection* connection) override {
    return Answer(connection, /*with_body=*/true);
  }
  bool handleHead(CivetServer*, mg_connection* connection) override {
    return Answer(connection, /*with_body=*/false);
  }

 private:
  bool Answer(mg_connection* connection, bool with_body) const {
    const HttpResponse response = page_();
    const std::string head = absl::StrCat(
        "HTTP/1.1 ", response.code, " ", mg_get_response_code_text(connection, response.code),
        "\r\nContent-Type: ", response.content_type, "\r\nContent-Length: ", response.body.size(),
        "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
    mg_write(connection, head.data(), head.size());
    if (with_body) mg_write(connection, response.body.data(), response.body.size());
    return true;
  }

  const HttpEndpoint::Page page_;
};

}  // namespace

struct HttpEndpoint::Civet {
  std::vector<std::unique_ptr<PageHandler>> handlers;
  // Declared last: its destructor joins the threads that use the handlers.
  std::unique_ptr<CivetServer> server;
};

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(const std::string& address,
                                                                  const Pages& pages) {
  if (address.rfind(':') == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("http: found '", address, "', allowed: HOST:PORT with a numeric host"));
  }
  auto civet = std::make_unique<Civet>();
  try {
    civet->server = std::make_unique<CivetServer>(std::vector<std::string>{
        "listening_ports", address, "num_threads", "2", "request_timeout_ms", "10000"});
  } catch (const CivetException&) {
    // What it says is about its own objects, and not why.
    return absl::UnavailableError(absl::StrCat(
        "http: cannot listen on ", address,
        "; allowed: an IPv4 address of this machine with a port that nobody listens on"));
  }
  for (const auto& [path, page] : pages) {
    civet->handlers.push_back(std::make_unique<PageHandler>(page));
    // "$" ends the match: /metrics/x is not /metrics.
    civet->server->addHandler(path + "$", *civet->handlers.back());
  }
  return std::unique_ptr<HttpEndpoint>(new HttpEndpoint(std::move(civet)));
}

HttpEndpoint::HttpEndpoint(std::unique_ptr<Civet> civet) : civet_(std::move(civet)) {}

HttpEndpoint::~HttpEndpoint() = default;

int HttpEndpoint::port() const { return civet_->server->getListeningPorts().at(0); }

}  // namespace sextant
