// Owns the writing of a JSON array while its elements arrive: valid as a whole, one element a line.
#pragma once

#include "json_out.h"
#include "output.h"

namespace deltic::cli {

// One thread at a time.
class JsonList {
 public:
  explicit JsonList(Output* out) : out_(out) {}
  void Add(const Json& element) {
    out_->Write(empty_ ? "[\n" : ",\n");
    out_->Write(JsonLine(element));
    empty_ = false;
  }
  void Finish() { out_->Write(empty_ ? "[]\n" : "\n]\n"); }

 private:
  Output* out_;
  bool empty_ = true;
};

}  // namespace deltic::cli
