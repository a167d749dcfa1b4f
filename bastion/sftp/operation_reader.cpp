#include "bastion/sftp/operation_reader.h"

#include <algorithm>
#include <utility>

namespace bastion::sftp {
namespace {

using Kind = Operation::Kind;
using Cut = PacketCutter::Cut;

std::size_t kept_of(std::string_view handle, const Operation& operation) {
  return handle.size() + operation.first.size() + operation.second.size();
}

}  // namespace

void OperationReader::read(connection::Side from, Bytes bytes) {
  const bool asks = from == connection::Side::user;
  auto& cutter = asks ? requests_ : answers_;
  const auto wanted = [asks](std::size_t /*size*/, Bytes body) {
    return asks ? request_head(body) : answer_head(body);
  };
  while (!is_lost_) {
    const auto cut = cutter.take(bytes, wanted);
    if (cut == Cut::unfinished) return;
    if (cut == Cut::senseless) return lose();
    if (asks) {
      const auto request = parse_request(cutter.body());
      if (!request) return lose();
      on_request(*request);
    } else {
      const auto answer = parse_answer(cutter.body());
      if (!answer) return lose();
      on_answer(*answer);
    }
  }
}

void OperationReader::end() {
  for (const auto& [id, pending] : pending_) tell_unfinished(pending);
  for (const auto& [handle, file] : open_) {
    auto operation = file.operation;
    if (file.failure != kOk) operation.status = file.failure;
    tell_(operation);
  }
  pending_.clear();
  open_.clear();
  kept_ = 0;
}

void OperationReader::lose() {
  is_lost_ = true;
  end();
}

void OperationReader::on_request(const Request& request) {
  switch (request.type) {
    case Type::open: return ask(request, Kind::open, request.first);
    case Type::opendir: return ask(request, Kind::opendir, request.first);
    case Type::remove: return ask(request, Kind::remove, request.first);
    case Type::mkdir: return ask(request, Kind::mkdir, request.first);
    case Type::rmdir: return ask(request, Kind::rmdir, request.first);
    case Type::setstat: return ask(request, Kind::setstat, request.first);
    case Type::fsetstat: return ask(request, Kind::setstat, name_of(request.first));
    case Type::rename: return ask(request, Kind::rename, request.first, request.second);
    case Type::symlink: return ask(request, Kind::symlink, request.first, request.second);
    case Type::readlink: return ask(request, Kind::readlink, request.first);
    case Type::close:
    case Type::read:
    case Type::write:
      // The handle may be one that is still to come: clients can guess those of sftp-server.
      return ask(request.id,
                 {.type = request.type,
                  .handle = std::string(request.first),
                  .number = request.type == Type::write ? std::min(request.number, requests_.size()) : request.number});
    case Type::extended: return on_extension(request);
    case Type::init: return;  // has no number
    default: return ask(request.id, {.type = request.type});
  }
}

void OperationReader::on_extension(const Request& request) {
  const auto& name = request.extension;
  if (name == "posix-rename@openssh.com") return ask(request, Kind::rename, request.first, request.second);
  if (name == "hardlink@openssh.com") return ask(request, Kind::hardlink, request.first, request.second);
  if (name == "lsetstat@openssh.com") return ask(request, Kind::setstat, request.first);
  if (name == "copy-data") return ask(request, Kind::copy, name_of(request.first), name_of(request.second));
  if (!is_known(request)) return ask(request, Kind::other, name);
  ask(request.id, {.type = request.type});
}

void OperationReader::ask(const Request& request, Kind kind, std::string_view first, std::string_view second) {
  Pending pending{.type = request.type, .is_told = true};
  pending.operation = {.kind = kind, .first = std::string(first), .second = std::string(second)};
  if (kind == Kind::open) pending.operation.how = request.number;
  ask(request.id, std::move(pending));
}

void OperationReader::ask(std::uint32_t id, Pending pending) {
  if (pending_.size() >= kMostPending || pending.kept() > kMostKept - kept_) return tell_unfinished(pending);
  kept_ += pending.kept();
  pending_.emplace(id, std::move(pending));
}

void OperationReader::on_answer(const Answer& answer) {
  if (answer.type == Type::version) return;
  const auto asked = pending_.lower_bound(answer.id);  // the first of this number
  if (asked == pending_.end() || asked->first != answer.id) return;
  kept_ -= asked->second.kept();
  auto pending = std::move(asked->second);
  pending_.erase(asked);
  switch (answer.type) {
    case Type::status: return on_status(std::move(pending), answer.number);
    case Type::handle:
      if (pending.type == Type::open || pending.type == Type::opendir) {
        return open(std::move(pending.operation), answer.handle);
      }
      break;
    case Type::data:
      if (auto* const file = pending.type == Type::read ? find(pending.handle) : nullptr) {
        file->operation.read += std::min({answer.number, pending.number, answers_.size()});
      }
      return;
    default: break;
  }
  if (pending.is_told) on_status(std::move(pending), kOk);
}

void OperationReader::on_status(Pending pending, std::uint32_t status) {
  if (pending.is_told) {
    pending.operation.status = status;
    return tell_(pending.operation);
  }
  if (pending.type == Type::close) return close(pending.handle, status);
  if (pending.type != Type::read && pending.type != Type::write) return;
  auto* const file = find(pending.handle);
  if (file == nullptr) return;
  if (pending.type == Type::write && status == kOk) file->operation.written += pending.number;
  if (status != kOk && status != kEof && file->failure == kOk) file->failure = status;
}

void OperationReader::open(Operation operation, std::string_view handle) {
  if (find(handle) != nullptr) {
    const auto before = open_.find(handle);
    tell_(before->second.operation);
    kept_ -= kept_of(before->first, before->second.operation);
    open_.erase(before);
  }
  if (open_.size() >= kMostOpen || kept_of(handle, operation) > kMostKept - kept_) return tell_(operation);
  kept_ += kept_of(handle, operation);
  open_.emplace(handle, Open{std::move(operation)});
}

void OperationReader::close(const std::string& handle, std::uint32_t status) {
  const auto at = open_.find(handle);
  if (at == open_.end()) return;
  auto file = std::move(at->second);
  kept_ -= kept_of(at->first, file.operation);
  open_.erase(at);
  file.operation.status = file.failure != kOk ? file.failure : status;
  tell_(file.operation);
}

OperationReader::Open* OperationReader::find(std::string_view handle) {
  const auto at = open_.find(handle);
  return at == open_.end() ? nullptr : &at->second;
}

std::string_view OperationReader::name_of(std::string_view handle) {
  const auto* const file = find(handle);
  return file == nullptr ? std::string_view{} : std::string_view(file->operation.first);
}

void OperationReader::tell_unfinished(const Pending& pending) const {
  if (pending.is_told) tell_(pending.operation);
}

}  // namespace bastion::sftp
