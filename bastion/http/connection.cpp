#include "bastion/http/connection.h"

#include <utility>

namespace bastion::http {
namespace {

constexpr std::size_t kSlice = 64 * 1024;

std::string_view sentence_of(Status status) {
  switch (status) {
    case Status::too_large: return "the head of the request is too large\n";
    case Status::body_too_large: return "the body of the request is too large\n";
    case Status::not_implemented: return "a body has to have a length\n";
    default: return "this is no request that can be answered\n";
  }
}

}  // namespace

void Connection::start() {
  stream_.read_to(this);
  stream_.resume();
}

// What comes while another request is answered, or its answer is not read, is kept, as much as a request may have, and
// is not read beyond that.
void Connection::on_bytes(MutableBytes bytes) {
  if (state_ == State::streams || state_ == State::ended || state_ == State::over) return;
  received_ += bastion::text_of(bytes);
  if (state_ == State::reads) go_on();
  if (has_enough() && !std::exchange(is_paused_, true)) stream_.pause();
}

void Connection::go_on() {
  if (std::exchange(is_going_on_, true)) return;
  while (state_ == State::reads && stream_.backlog() <= ByteStream::kHighWater) {
    auto request = take_request();
    if (!request) break;
    state_ = State::waits;
    wants_body_ = request->method != "HEAD";
    is_last_ = serves_ == Serves::one || !request->keeps_alive;
    delegate_.on_request(*std::move(request));
  }
  is_going_on_ = false;
  if (state_ == State::reads && eof_) return over();
  if (state_ == State::reads && !has_enough() && std::exchange(is_paused_, false)) stream_.resume();
}

// Nothing: it is not whole yet, or there is none.
std::optional<Request> Connection::take_request() {
  if (!head_) {
    auto head = parse_head(received_, limits_);
    if (!head) return std::nullopt;
    if (!*head) {
      refuse(head->error());
      return std::nullopt;
    }
    received_.erase(0, (*head)->size);
    head_ = **std::move(head);
  }
  if (received_.size() < head_->body) return std::nullopt;
  auto request = std::move(head_->request);
  request.body = received_.substr(0, head_->body);
  received_.erase(0, head_->body);
  head_.reset();
  return request;
}

void Connection::refuse(Status status) {
  state_ = State::waits;
  answer({.status = status, .body = std::string(sentence_of(status))}, Behind::closes);
}

void Connection::answer(Response response, Behind behind) {
  if (state_ != State::waits) return;
  state_ = State::writes;
  is_last_ = is_last_ || eof_ || behind == Behind::closes;
  unsent_ = text_of(response, wants_body_, is_last_ ? Behind::closes : Behind::goes_on);
  sent_ = 0;
  write_more();
}

void Connection::write_more() {
  while (sent_ < unsent_.size() && stream_.backlog() <= ByteStream::kHighWater) {
    const auto slice = std::string_view(unsent_).substr(sent_, kSlice);
    sent_ += slice.size();
    stream_.write(bytes_of(slice));
  }
  if (sent_ < unsent_.size()) return;
  unsent_ = {};
  if (is_last_) return end();
  state_ = State::reads;
  delegate_.on_answered();
  go_on();
}

void Connection::begin_stream(const Response& head) {
  if (state_ != State::waits) return;
  state_ = State::streams;
  received_ = {};
  stream_.write(bytes_of(head_of(head, std::nullopt, Behind::closes)));
  if (!wants_body_) end();
}

void Connection::write(std::string_view text) {
  if (state_ == State::streams) stream_.write(bytes_of(text));
}

void Connection::end() {
  if (state_ == State::ended || state_ == State::over) return;
  state_ = State::ended;
  received_ = {};
  stream_.end();
  if (stream_.backlog() == 0) delegate_.on_sent();
}

void Connection::on_drained() {
  switch (state_) {
    case State::reads: return go_on();
    case State::writes: return write_more();
    case State::ended: return delegate_.on_sent();
    case State::streams:
    case State::waits:
    case State::over: return;
  }
}

// Whoever waits for an answer may still read it; nobody says that of events.
void Connection::on_eof() {
  eof_ = true;
  if (state_ == State::waits || state_ == State::writes) return;
  over();
}

void Connection::over() {
  if (std::exchange(state_, State::over) != State::over) delegate_.on_over();
}

}  // namespace bastion::http
