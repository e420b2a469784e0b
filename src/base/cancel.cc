// Owns the sign over each thread, and patience; see the header.
#include "base/cancel.h"

#include <algorithm>
#include <chrono>

namespace deltic {
namespace {

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

const StopSign*& OwnPlace() {
  thread_local const StopSign* sign = nullptr;
  return sign;
}

CancelScope::Place place_of_signs = OwnPlace;

}  // namespace

StopSign StopSign::Here() {
  const StopSign* sign = place_of_signs();
  return sign == nullptr ? StopSign() : *sign;
}

StopSign StopSign::With(CancelToken token) const {
  StopSign sign = *this;
  sign.tokens_.push_back(std::move(token));
  return sign;
}

StopSign StopSign::Patient(int64_t patience_ms) const {
  StopSign sign = *this;
  sign.patience_ = std::make_shared<Patience>();
  sign.patience_->ms = patience_ms;
  sign.patience_->since_ms = NowMs();
  return sign;
}

bool StopSign::up() const {
  if (std::none_of(tokens_.begin(), tokens_.end(), [](const CancelToken& token) { return token.cancelled(); })) {
    return false;
  }
  if (patience_ == nullptr || patience_->gone) return true;
  if (NowMs() - patience_->since_ms <= patience_->ms) return false;
  patience_->gone = true;
  return true;
}

Status StopSign::Check() const { return up() ? Status(Error(Code::kCancelled, "stopped on request")) : Status(); }

void StopSign::Asked() const {
  if (patience_ != nullptr && !patience_->gone) patience_->since_ms = NowMs();
}

void StopSign::Heard() const {
  if (patience_ == nullptr) return;
  patience_->since_ms = NowMs();
  patience_->gone = false;
}

CancelScope::CancelScope(StopSign sign) : sign_(std::move(sign)), outer_(place_of_signs()) {
  place_of_signs() = &sign_;
}

CancelScope::~CancelScope() { place_of_signs() = outer_; }

CancelScope::Place CancelScope::place() { return place_of_signs; }

void CancelScope::UsePlace(Place place) { place_of_signs = place; }

}  // namespace deltic
