// Owns the tests of descriptors and deletion vector files.
#include <gtest/gtest.h>

#include "base/url.h"
#include "dv/deletion_vector.h"
#include "dv/dv_bytes_for_test.h"
#include "storage/fault_store.h"
#include "storage/temp_folder_for_test.h"

namespace deltic {
namespace {

constexpr std::string_view kUuidText = "^-aqEH.-t@S}K{vb[*k^";
constexpr std::string_view kFileName = "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";

DeletionVectorDescriptor Relative(std::string prefix = "") {
  DeletionVectorDescriptor descriptor;
  descriptor.storage_type = 'u';
  descriptor.path_or_inline_dv = prefix + std::string(kUuidText);
  return descriptor;
}

TEST(LocateDeletionVector, TheProtocolsRelativeExampleIsInItsPrefixFolder) {
  auto location = LocateDeletionVector(Relative("ab"));
  ASSERT_TRUE(location.ok());
  EXPECT_FALSE(location->inline_data);
  EXPECT_EQ(location->key, "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
  EXPECT_EQ(LocateDeletionVector(Relative())->key, kFileName);
}

TEST(LocateDeletionVector, AbsolutePlacesAreUrlsAsGivenOrDecodedPaths) {
  DeletionVectorDescriptor descriptor;
  descriptor.storage_type = 'p';
  descriptor.path_or_inline_dv = "s3://mytable/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";
  EXPECT_EQ(LocateDeletionVector(descriptor)->absolute, descriptor.path_or_inline_dv);
  descriptor.path_or_inline_dv = "/a%20b/x.bin";
  EXPECT_EQ(LocateDeletionVector(descriptor)->absolute, "/a b/x.bin");
}

TEST(LocateDeletionVector, BadDescriptorsAreCorrupt) {
  const auto expect_corrupt = [](const DeletionVectorDescriptor& descriptor) {
    auto location = LocateDeletionVector(descriptor);
    ASSERT_FALSE(location.ok()) << descriptor.path_or_inline_dv;
    EXPECT_EQ(location.error().code(), Code::kCorrupt);
  };
  for (std::string text : {"", "short", "^-aqEH.-t@S}K{vb[*k ", "../^-aqEH.-t@S}K{vb[*k^", "..^-aqEH.-t@S}K{vb[*k^",
                           "/^-aqEH.-t@S}K{vb[*k^", "a//^-aqEH.-t@S}K{vb[*k^", "####################"}) {
    DeletionVectorDescriptor descriptor;
    descriptor.path_or_inline_dv = text;
    expect_corrupt(descriptor);
  }
  DeletionVectorDescriptor descriptor = Relative();
  descriptor.storage_type = 'x';
  expect_corrupt(descriptor);
  descriptor = Relative();
  descriptor.size_in_bytes = -1;
  expect_corrupt(descriptor);
  descriptor = Relative();
  descriptor.cardinality = -1;
  expect_corrupt(descriptor);
  descriptor = Relative();
  descriptor.offset = -1;
  expect_corrupt(descriptor);
  descriptor = Relative();
  descriptor.storage_type = 'p';
  descriptor.path_or_inline_dv = "relative/x.bin";
  expect_corrupt(descriptor);
}

// A file with three vectors, and descriptors of them.
class DeletionVectorFile : public testing::Test {
 protected:
  DeletionVectorFile() { EXPECT_TRUE(store_->Put("ab/" + std::string(kFileName), file_).ok()); }
  DeletionVectorDescriptor Descriptor(size_t index) const {
    DeletionVectorDescriptor descriptor = Relative("ab");
    descriptor.offset = 1;
    for (size_t i = 0; i < index; ++i) *descriptor.offset += static_cast<int32_t>(entries_[i].size() + 8);
    descriptor.size_in_bytes = static_cast<int32_t>(entries_[index].size());
    descriptor.cardinality = static_cast<int64_t>(rows_[index].size());
    return descriptor;
  }
  void ExpectError(const DeletionVectorDescriptor& descriptor, Code code, std::string_view why) {
    auto vector = ReadDeletionVector(*store_, descriptor);
    ASSERT_FALSE(vector.ok()) << why;
    EXPECT_EQ(vector.error().code(), code) << vector.error().ToString();
    EXPECT_NE(vector.error().message().find(why), std::string::npos) << vector.error().message();
    EXPECT_NE(vector.error().message().find(kFileName), std::string::npos) << vector.error().message();
  }
  void Replace(std::string bytes) { ASSERT_TRUE(store_->Put("ab/" + std::string(kFileName), bytes).ok()); }

  std::vector<std::vector<uint64_t>> rows_ = {{0, 5, 9}, {100'000}, {3, 4, 7, 11, 18, 29}};
  std::vector<std::string> entries_ = {PortableRowsForTest(rows_[0]), PortableRowsForTest(rows_[1]),
                                       PortableRowsForTest(rows_[2])};
  std::string file_ = DvFileForTest(entries_);
  std::shared_ptr<FaultStore> store_ = MakeFaultStore(MakeMemoryStore());
};

TEST_F(DeletionVectorFile, EachVectorIsReadAtItsOffsetWithOneRequest) {
  for (size_t i = 0; i < rows_.size(); ++i) {
    store_->ResetCounts();
    auto vector = ReadDeletionVector(*store_, Descriptor(i));
    ASSERT_TRUE(vector.ok()) << vector.error().ToString();
    EXPECT_EQ((*vector)->ToRows(), rows_[i]);
    EXPECT_EQ(store_->CountAll(), 1);
  }
}

TEST_F(DeletionVectorFile, AnAbsentOffsetMeansTheFirstVector) {
  DeletionVectorDescriptor descriptor = Descriptor(0);
  descriptor.offset.reset();
  EXPECT_EQ((*ReadDeletionVector(*store_, descriptor))->ToRows(), rows_[0]);
  descriptor.offset = 0;
  EXPECT_EQ((*ReadDeletionVector(*store_, descriptor))->ToRows(), rows_[0]);
}

TEST_F(DeletionVectorFile, AVectorFarBehindIsReadWithoutTheBytesBeforeIt) {
  std::string many(1'000'000, 'x');
  entries_ = {many, PortableRowsForTest({1, 2})};
  rows_ = {{}, {1, 2}};
  Replace(DvFileForTest(entries_));
  EXPECT_EQ((*ReadDeletionVector(*store_, Descriptor(1)))->ToRows(), rows_[1]);
  std::string bad = DvFileForTest(entries_);
  bad[0] = 2;
  Replace(bad);
  ExpectError(Descriptor(1), Code::kCorrupt, "version is 2");
}

TEST_F(DeletionVectorFile, AMissingFileIsNotFoundAndNamed) {
  ASSERT_TRUE(store_->Delete("ab/" + std::string(kFileName)).ok());
  ExpectError(Descriptor(0), Code::kNotFound, "ab/");
}

TEST_F(DeletionVectorFile, AnyDisagreementIsCorrupt) {
  DeletionVectorDescriptor descriptor = Descriptor(1);
  descriptor.cardinality = 2;
  ExpectError(descriptor, Code::kCorrupt, "it deletes 1 rows, its descriptor says 2");
  descriptor = Descriptor(1);
  descriptor.size_in_bytes += 1;
  ExpectError(descriptor, Code::kCorrupt, "the file says");
  descriptor = Descriptor(1);
  *descriptor.offset += 1;
  ExpectError(descriptor, Code::kCorrupt, "the file says");
  descriptor = Descriptor(2);
  descriptor.size_in_bytes = INT32_MAX;  // asks for no memory before the file's size is known
  ExpectError(descriptor, Code::kCorrupt, "wanted");
  descriptor.offset = INT32_MAX;
  ExpectError(descriptor, Code::kCorrupt, "wanted");
}

TEST_F(DeletionVectorFile, AnyDamagedByteIsCorrupt) {
  const DeletionVectorDescriptor descriptor = Descriptor(1);
  const size_t begin = static_cast<size_t>(*descriptor.offset);
  for (size_t i = begin; i < begin + static_cast<size_t>(descriptor.size_in_bytes) + 8; ++i) {
    std::string bad = file_;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    Replace(bad);
    auto vector = ReadDeletionVector(*store_, descriptor);
    ASSERT_FALSE(vector.ok()) << i;
    EXPECT_EQ(vector.error().code(), Code::kCorrupt);
  }
  for (const char version : {'\0', '\2', '\xFF'}) {
    std::string bad = file_;
    bad[0] = version;
    Replace(bad);
    ExpectError(descriptor, Code::kCorrupt, "version");
  }
  Replace(file_.substr(0, file_.size() - 1));
  ExpectError(Descriptor(2), Code::kCorrupt, "wanted");
}

TEST(InlineDeletionVector, PaddingIsCutToTheDescriptorsSize) {
  auto store = MakeMemoryStore();
  const std::string bytes = PortableRowsForTest({7});
  ASSERT_EQ(bytes.size(), 34u);
  DeletionVectorDescriptor descriptor;
  descriptor.storage_type = 'i';
  descriptor.path_or_inline_dv = EncodeZ85(bytes);
  descriptor.size_in_bytes = 34;
  descriptor.cardinality = 1;
  auto vector = ReadDeletionVector(*store, descriptor);
  ASSERT_TRUE(vector.ok()) << vector.error().ToString();
  EXPECT_EQ((*vector)->ToRows(), std::vector<uint64_t>{7});
  for (const int32_t wrong : {0, 32, 33, 35, 36, 37}) {
    descriptor.size_in_bytes = wrong;
    EXPECT_EQ(ReadDeletionVector(*store, descriptor).error().code(), Code::kCorrupt) << wrong;
  }
}

TEST(InlineDeletionVector, TheShortLastGroupOfTheKernelsLibraryIsRead) {
  auto store = MakeMemoryStore();
  DeletionVectorDescriptor descriptor;
  descriptor.storage_type = 'i';
  descriptor.path_or_inline_dv = "^Bg9^0rr910000000000iXQKl0rr91000005c8Xg##093";
  descriptor.size_in_bytes = 34;
  descriptor.cardinality = 1;
  auto vector = ReadDeletionVector(*store, descriptor);
  ASSERT_TRUE(vector.ok()) << vector.error().ToString();
  EXPECT_EQ((*vector)->ToRows(), std::vector<uint64_t>{3});
  for (const int32_t wrong : {0, 31, 32, 33, 35, 36, 37, 1'000}) {
    descriptor.size_in_bytes = wrong;
    EXPECT_EQ(ReadDeletionVector(*store, descriptor).error().code(), Code::kCorrupt) << wrong;
  }
  descriptor.size_in_bytes = 34;
  descriptor.cardinality = 0;
  EXPECT_EQ(ReadDeletionVector(*store, descriptor).error().code(), Code::kCorrupt);
}

TEST(InlineDeletionVector, TheProtocolsExampleIsRead) {
  auto store = MakeMemoryStore();
  DeletionVectorDescriptor descriptor;
  descriptor.storage_type = 'i';
  descriptor.path_or_inline_dv = "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L";
  descriptor.size_in_bytes = 40;
  descriptor.cardinality = 6;
  auto vector = ReadDeletionVector(*store, descriptor);
  ASSERT_TRUE(vector.ok()) << vector.error().ToString();
  EXPECT_EQ((*vector)->ToRows(), (std::vector<uint64_t>{3, 4, 7, 11, 18, 29}));
}

TEST(AbsoluteDeletionVector, PathsAndUrlsAreOpenedWhereverTheTableIs) {
  TempFolderForTest folder;
  auto local = MakeLocalStore(folder.path());
  const std::string entry = PortableRowsForTest({1, 2, 3});
  ASSERT_TRUE(local->Put("a&b %c/x%y.bin", DvFileForTest({entry})).ok());
  auto table = MakeMemoryStore();
  DeletionVectorDescriptor descriptor;
  descriptor.storage_type = 'p';
  descriptor.offset = 1;
  descriptor.size_in_bytes = static_cast<int32_t>(entry.size());
  descriptor.cardinality = 3;
  const std::string encoded = PercentEncode(folder.path() + "/a&b %c/x%y.bin");
  for (const std::string& path : {encoded, "file:" + encoded, "file://" + encoded}) {
    descriptor.path_or_inline_dv = path;
    auto vector = ReadDeletionVector(*table, descriptor);
    ASSERT_TRUE(vector.ok()) << vector.error().ToString();
    EXPECT_EQ((*vector)->cardinality(), 3);
  }
  descriptor.path_or_inline_dv = "file://" + encoded + "x";
  EXPECT_EQ(ReadDeletionVector(*table, descriptor).error().code(), Code::kNotFound);
  descriptor.path_or_inline_dv = "s3://bucket/x.bin";
  EXPECT_EQ(ReadDeletionVector(*table, descriptor).error().code(), Code::kUnsupported);
  for (std::string path :
       {"file:{{FOLDER}}/x.bin", "file:", "file:///", "/", "file:///a/..", "file:///%zz/x", "/a%2"}) {
    descriptor.path_or_inline_dv = path;
    auto vector = ReadDeletionVector(*table, descriptor);
    ASSERT_FALSE(vector.ok()) << path;
    EXPECT_EQ(vector.error().code(), Code::kCorrupt) << vector.error().ToString();
  }
}

}  // namespace
}  // namespace deltic
