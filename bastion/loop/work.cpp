#include "bastion/loop/work.h"

#include <uv.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/loop/loop.h"

namespace bastion::loop {

struct Work::Request {
  uv_work_t uv{};
  Work* owner = nullptr;
  Job job;
  Then then;

  static void on_thread(uv_work_t* uv) {
    auto& request = *static_cast<Request*>(uv->data);
    contained("a job", [&] { request.then = request.job(); });
    contained("the end of a job", [&] { request.job = nullptr; });
  }
  static void on_loop(uv_work_t* uv, int /*status*/) {
    const std::unique_ptr<Request> request(static_cast<Request*>(uv->data));
    if (request->owner == nullptr) return;
    request->owner->request_ = nullptr;
    if (request->then) contained("the outcome of a job", request->then);
  }
};

Work::Work(Loop& loop, Job job) : request_(new Request) {
  request_->uv.data = request_;
  request_->owner = this;
  request_->job = std::move(job);
  if (uv_queue_work(loop.raw(), &request_->uv, &Request::on_thread, &Request::on_loop) != 0) std::abort();
}

Work::~Work() {
  if (request_ == nullptr) return;
  request_->owner = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&request_->uv));
}

}  // namespace bastion::loop
