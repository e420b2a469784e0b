// Owns commits on stores whose conditional puts cannot be trusted, or on tables that other writers lock so: an
// ObjectStore around another one in which a commit is decided by a claim in a shared table (s3/commit_table.h), as
// Delta Spark's S3DynamoDBLogStore and delta-rs do it, so that all of them may write one Delta table. Everything that
// is no commit goes to the inner store as it is.
//
//   commit N:  N.json is not there; commit N-1 is whole (else it is made whole) -> T = .tmp/N.json.<uuid> is written
//              -> claim (N.json, T, complete=false), which one writer gets -> T is copied to N.json -> complete=true
//   reading:   a claim that is not complete is finished first, by whoever sees it: the listing of _delta_log looks at
//              the newest, a commit that is not found at its own.
//
// Beyond what those two do: N.json is written with If-None-Match, so that on a store that heeds it a writer who knows
// no locks is not overwritten either; temporary files are deleted when they are not needed any more. Source of the
// rules: delta-io/delta, storage-s3-dynamodb, BaseExternalLogStore.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "s3/commit_table.h"
#include "storage/object_store.h"

namespace deltic {

// The spellings under which writers may know one table, the likeliest first: "s3a://bucket/path" is another key than
// "s3://bucket/path" and than "s3://bucket/path/". Pure.
std::vector<std::string> TablePathSpellings(std::string_view url);

// `inner` is rooted at the Delta table that `url` names, and heeds no locks itself. Touches nothing before the first
// call. Writers of one table must agree on its spelling: the one under which there are entries is taken, else `url`'s;
// Unsupported when there are entries under several, because then writers did not see each other.
std::shared_ptr<ObjectStore> MakeDynamoLogStore(std::shared_ptr<ObjectStore> inner, std::shared_ptr<CommitTable> table,
                                                std::string_view url, Env env);

}  // namespace deltic
