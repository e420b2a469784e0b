// Owns reading deletion vectors: the Z85 text, the RoaringBitmapArray codec, descriptors and the file framing.
// Does not decide which files have one (the log does) and writes none (dv/dv_writer.h).
// Protocol: "Deletion Vector Descriptor Schema", "Deletion Vector Format", "Deletion Vector File Storage Format".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"
#include "dv/row_set.h"
#include "storage/object_store.h"

namespace deltic {

// Z85 (ZeroMQ RFC 32). Decode: Corrupt on a length that is not a multiple of 5, a character outside the alphabet or a
// group beyond 32 bits. A last group that begins with '#' has as many bytes less (see dv/z85.cc).
Result<std::string> DecodeZ85(std::string_view text);
std::string EncodeZ85(std::string_view bytes);  // filled up with zeros to a multiple of 4

// The rows deleted from one data file. Immutable, safe to share among threads.
class DeletionVector {
 public:
  virtual ~DeletionVector() = default;
  virtual int64_t cardinality() const = 0;
  virtual bool Contains(uint64_t row) const = 0;
  // As RowMask::Keep (engine/engine.h): offsets from `start` of the rows that live.
  virtual uint64_t Keep(uint64_t start, uint64_t count, uint32_t* keep) const = 0;
  // All rows, ascending: eight bytes each. Compare cardinality() with the data file's rows first, for a few bytes of
  // runs can claim billions.
  virtual std::vector<uint64_t> ToRows() const = 0;
  // The same as a set, to be copied and added to.
  virtual const RowSet& rows() const = 0;
};

// Bytes of a RoaringBitmapArray: little-endian magic 1681511377 (portable 64-bit), also the older 1681511376 (native,
// in either byte order: the protocol's inline example is a big-endian one).
// Corrupt for another magic, cut or trailing bytes, keys out of order or above 2^31-1, or a broken bitmap.
Result<std::shared_ptr<const DeletionVector>> ParseDeletionVector(std::string_view bytes);

// Where the bytes are: a key in the table's store, or an absolute path or URL. Corrupt for a bad descriptor.
struct DeletionVectorLocation {
  bool inline_data = false;
  std::string key;       // 'u': relative to the table
  std::string absolute;  // 'p': percent-decoded path or URL as given
};
Result<DeletionVectorLocation> LocateDeletionVector(const DeletionVectorDescriptor& descriptor);

// Reads, checks size, CRC-32 and cardinality. Corrupt or NotFound names the file and the data file's descriptor.
// A 'p' descriptor is opened with OpenStore.
Result<std::shared_ptr<const DeletionVector>> ReadDeletionVector(ObjectStore& store,
                                                                 const DeletionVectorDescriptor& descriptor);

}  // namespace deltic
