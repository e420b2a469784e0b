// Owns what a public Sql session stands on, so that the command line can read text rows of it. Not part of the public
// interface.
#pragma once

#include <memory>

#include "deltic/sql.h"
#include "engine/engine.h"

namespace deltic {

// One thread at a time.
struct Sql::State {
  std::unique_ptr<SqlSession> session;
};

}  // namespace deltic
