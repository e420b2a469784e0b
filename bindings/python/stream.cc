// Owns rows on their way to Python: the Arrow C stream as PyCapsules (the Arrow PyCapsule interface), one batch, or all
// batches at once. Reading gives up the GIL and answers Ctrl-C, whoever calls.
#include <dlfcn.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "bindings.h"

namespace deltic::python {
namespace {

// What a stream's error text says: the engine writes "Corrupt: message", and the stream interface has only text.
Error ErrorFromText(std::string_view text) {
  for (int number = 1; number <= static_cast<int>(Code::kInternal); number++) {
    const auto code = static_cast<Code>(number);
    const auto name = CodeName(code);
    if (text.size() > name.size() + 2 && text.starts_with(name) && text.substr(name.size(), 2) == ": ") {
      return Error(code, std::string(text.substr(name.size() + 2)));
    }
  }
  return Error(Code::kInternal, text.empty() ? "reading failed without a message" : std::string(text));
}

// The metadata of an ArrowSchema is a count, then lengths and bytes, without an end mark.
std::string MetadataBytes(const char* metadata) {
  const auto number = [](const char* at) {
    int32_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  const char* at = metadata;
  const int32_t pairs = number(at);
  at += sizeof(int32_t);
  for (int64_t i = 0; i < 2 * static_cast<int64_t>(pairs); i++) at += sizeof(int32_t) + number(at);
  return std::string(metadata, at);
}

// What an exported ArrowSchema owns.
struct SchemaOwner {
  std::string format, name, metadata;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
  ArrowSchema dictionary{};

  static void Release(ArrowSchema* schema) {
    if (schema->release == nullptr) return;
    auto* self = static_cast<SchemaOwner*>(schema->private_data);
    for (auto& child : self->children) {
      if (child.release != nullptr) child.release(&child);
    }
    if (self->dictionary.release != nullptr) self->dictionary.release(&self->dictionary);
    schema->release = nullptr;
    delete self;
  }
};

template <class T>
void DeleteCapsule(void* pointer) noexcept {
  auto* value = static_cast<T*>(pointer);
  if (value->release != nullptr) value->release(value);
  delete value;
}

nb::capsule SchemaCapsule(const SchemaCopy& schema) {
  auto* out = new ArrowSchema{};
  schema.Export(out);
  return nb::capsule(out, "arrow_schema", DeleteCapsule<ArrowSchema>);
}

// An ArrowArrayStream whose private_data is a T with Schema() and Next(ArrowArray*, error text) -> errno.
template <class T>
struct CStream {
  static int GetSchema(ArrowArrayStream* stream, ArrowSchema* out) {
    static_cast<T*>(stream->private_data)->schema().Export(out);
    return 0;
  }
  static int GetNext(ArrowArrayStream* stream, ArrowArray* out) {
    return static_cast<T*>(stream->private_data)->Next(out);
  }
  static const char* GetLastError(ArrowArrayStream* stream) {
    return static_cast<T*>(stream->private_data)->error.c_str();
  }
  static void Release(ArrowArrayStream* stream) {
    if (stream->release == nullptr) return;
    delete static_cast<T*>(stream->private_data);
    stream->release = nullptr;
  }
  static nb::capsule Capsule(std::unique_ptr<T> source) {
    auto* out = new ArrowArrayStream{GetSchema, GetNext, GetLastError, Release, source.release()};
    return nb::capsule(out, "arrow_array_stream", DeleteCapsule<ArrowArrayStream>);
  }
};

// PyGILState_Check is no part of the stable ABI, though every CPython has it: asked for by name.
bool HoldsGil() {
  static const auto check = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "PyGILState_Check"));
  return check != nullptr && check() != 0;
}

// Rows handed to another library. Some of those hold the GIL while they read (arro3), some do not (pyarrow, polars).
struct SharedRows {
  std::shared_ptr<Rows> rows;
  std::string error;

  const SchemaCopy& schema() const { return *rows->schema; }
  int Next(ArrowArray* out) {
    std::optional<Result<ArrowArray>> batch;
    if (Py_IsInitialized() && HoldsGil()) {
      try {
        batch.emplace(Interruptible(rows->cancel, [&] { return rows->Next(); }));
      } catch (nb::python_error&) {
        // The other library makes an exception of its own from our text; the interpreter raises ours right after it.
        error = "Cancelled: interrupted";
        PyErr_SetInterrupt();
        return EINTR;
      }
    } else {
      batch.emplace(rows->Next());
    }
    if (!batch->ok()) {
      error = batch->error().ToString();
      return EIO;
    }
    *out = **batch;
    return 0;
  }
};

// Batches that are all in memory already. Handed out once: ownership moves to the reader.
struct ReadBatches {
  std::shared_ptr<const SchemaCopy> columns;
  std::vector<ArrowArray> batches;
  size_t next = 0;
  std::string error;

  ~ReadBatches() {
    for (; next < batches.size(); next++) batches[next].release(&batches[next]);
  }
  const SchemaCopy& schema() const { return *columns; }
  int Next(ArrowArray* out) {
    *out = next < batches.size() ? batches[next++] : ArrowArray{};
    return 0;
  }
};

// Both Python classes below: something with one stream in it that can be taken once.
struct Stream {
  std::shared_ptr<Rows> rows;

  std::shared_ptr<Rows> Take() {
    if (rows == nullptr) Raise(InvalidArgument("these rows have been handed on or closed already: start a new read"));
    return std::move(rows);
  }
  Rows& Open() {
    if (rows == nullptr) Raise(InvalidArgument("these rows have been handed on or closed already: start a new read"));
    return *rows;
  }
};

struct Batches {
  std::unique_ptr<ReadBatches> read;
};

// An Arrow schema as plain values: (format, name, nullable, metadata, children, dictionary's value type or None).
nb::tuple Describe(const ArrowSchema& schema) {
  nb::list children;
  for (int64_t i = 0; i < schema.n_children; i++) children.append(Describe(*schema.children[i]));
  nb::dict metadata;
  if (schema.metadata != nullptr) {
    const auto bytes = MetadataBytes(schema.metadata);
    size_t at = sizeof(int32_t);
    const auto text = [&] {
      int32_t length;
      std::memcpy(&length, bytes.data() + at, sizeof length);
      at += sizeof length + static_cast<size_t>(length);
      return nb::str(bytes.data() + at - length, static_cast<size_t>(length));
    };
    while (at < bytes.size()) {
      nb::str key = text();
      metadata[key] = text();
    }
  }
  nb::object dictionary = nb::none();
  if (schema.dictionary != nullptr) dictionary = Describe(*schema.dictionary);
  return nb::make_tuple(nb::str(schema.format), nb::str(schema.name == nullptr ? "" : schema.name),
                        (schema.flags & ARROW_FLAG_NULLABLE) != 0, metadata, children, dictionary);
}

nb::tuple DescribeCapsule(nb::capsule capsule) {
  if (std::string_view(capsule.name()) != "arrow_schema") {
    throw nb::type_error("an object with __arrow_c_schema__ is needed");
  }
  return Describe(*static_cast<const ArrowSchema*>(capsule.data()));
}

nb::object NextBatch(Stream& stream) {
  stream.Open();
  auto rows = stream.rows;  // kept: another thread may close the stream meanwhile
  auto batch = Unwrap(Interruptible(rows->cancel, [&] { return rows->Next(); }));
  if (batch.release == nullptr) return nb::none();
  auto* array = new ArrowArray(batch);
  nb::capsule owner(array, "arrow_array", DeleteCapsule<ArrowArray>);
  return nb::make_tuple(SchemaCapsule(*rows->schema), owner);
}

Batches* ReadAll(Stream& stream) {
  auto read = std::make_unique<ReadBatches>();
  auto taken = stream.Take();
  auto& rows = *taken;
  read->columns = rows.schema;
  Unwrap(Interruptible(rows.cancel, [&]() -> Status {
    while (true) {
      DELTIC_TRY(auto batch, rows.Next());
      if (batch.release == nullptr) break;
      read->batches.push_back(batch);
    }
    rows.Close();
    return {};
  }));
  return new Batches{std::move(read)};
}

}  // namespace

SchemaCopy::SchemaCopy(const ArrowSchema& schema)
    : format_(schema.format), name_(schema.name == nullptr ? "" : schema.name), flags_(schema.flags) {
  if (schema.metadata != nullptr) {
    metadata_ = MetadataBytes(schema.metadata);
    has_metadata_ = true;
  }
  children_.reserve(static_cast<size_t>(schema.n_children));
  for (int64_t i = 0; i < schema.n_children; i++) children_.emplace_back(*schema.children[i]);
  if (schema.dictionary != nullptr) dictionary_ = std::make_shared<SchemaCopy>(*schema.dictionary);
  if ((format_ == "+l" || format_ == "+L") && children_.size() == 1) children_[0].name_ = "element";
}

SchemaCopy::SchemaCopy(std::string format, std::string name, int64_t flags, std::vector<SchemaCopy> children)
    : format_(std::move(format)), name_(std::move(name)), flags_(flags), children_(std::move(children)) {}

void SchemaCopy::Export(ArrowSchema* out) const {
  auto* owner = new SchemaOwner{.format = format_, .name = name_, .metadata = metadata_};
  owner->children.resize(children_.size());
  for (size_t i = 0; i < children_.size(); i++) {
    children_[i].Export(&owner->children[i]);
    owner->pointers.push_back(&owner->children[i]);
  }
  if (dictionary_ != nullptr) dictionary_->Export(&owner->dictionary);
  *out = ArrowSchema{.format = owner->format.c_str(),
                     .name = owner->name.c_str(),
                     .metadata = has_metadata_ ? owner->metadata.data() : nullptr,
                     .flags = flags_,
                     .n_children = static_cast<int64_t>(owner->pointers.size()),
                     .children = owner->pointers.data(),
                     .dictionary = dictionary_ != nullptr ? &owner->dictionary : nullptr,
                     .release = SchemaOwner::Release,
                     .private_data = owner};
}

Result<std::shared_ptr<Rows>> Rows::Start(ArrowArrayStream stream, CancelToken cancel) {
  auto rows = std::make_shared<Rows>();
  rows->stream = stream;
  rows->cancel = std::move(cancel);
  ArrowSchema schema{};
  if (stream.get_schema(&rows->stream, &schema) != 0) {
    const char* text = stream.get_last_error(&rows->stream);
    return ErrorFromText(text == nullptr ? "" : text);
  }
  rows->schema = std::make_shared<SchemaCopy>(schema);
  schema.release(&schema);
  return rows;
}

Rows::~Rows() {
  if (stream.release != nullptr) stream.release(&stream);
}

Result<ArrowArray> Rows::Next() {
  std::lock_guard lock(mutex);
  if (stream.release == nullptr) return ArrowArray{};
  ArrowArray batch{};
  if (stream.get_next(&stream, &batch) != 0) {
    const char* text = stream.get_last_error(&stream);
    return ErrorFromText(text == nullptr ? "" : text);
  }
  return batch;
}

void Rows::Close() {
  std::lock_guard lock(mutex);
  if (stream.release != nullptr) stream.release(&stream);
}

nb::object MakeStream(std::shared_ptr<Rows> rows) {
  return nb::cast(new Stream{std::move(rows)}, nb::rv_policy::take_ownership);
}

nb::object MakeBatches(SchemaCopy schema, std::vector<ArrowArray> batches) {
  auto read = std::make_unique<ReadBatches>();
  read->columns = std::make_shared<SchemaCopy>(std::move(schema));
  read->batches = std::move(batches);
  return nb::cast(new Batches{std::move(read)}, nb::rv_policy::take_ownership);
}

void BindStream(nb::module_& module) {
  module.def("describe_schema", DescribeCapsule, nb::arg("capsule"));
  nb::class_<Stream>(module, "Stream")
      .def("next", NextBatch)
      .def("read_all", ReadAll, nb::rv_policy::take_ownership)
      .def("close",
           [](Stream& self) {
             auto rows = std::move(self.rows);
             WithoutGil([&] {
               rows.reset();
               return 0;
             });
           })
      .def_prop_ro("closed", [](const Stream& self) { return self.rows == nullptr; })
      .def("__arrow_c_schema__", [](Stream& self) { return SchemaCapsule(*self.Open().schema); })
      .def(
          "__arrow_c_stream__",
          [](Stream& self, nb::object) {
            return CStream<SharedRows>::Capsule(
                std::make_unique<SharedRows>(SharedRows{.rows = self.Take(), .error = ""}));
          },
          nb::arg("requested_schema") = nb::none());
  nb::class_<Batches>(module, "Batches")
      .def("__arrow_c_schema__",
           [](Batches& self) {
             if (self.read == nullptr) Raise(InvalidArgument("these batches have been handed on already"));
             return SchemaCapsule(self.read->schema());
           })
      .def(
          "__arrow_c_stream__",
          [](Batches& self, nb::object) {
            if (self.read == nullptr) Raise(InvalidArgument("these batches have been handed on already"));
            return CStream<ReadBatches>::Capsule(std::move(self.read));
          },
          nb::arg("requested_schema") = nb::none());
}

}  // namespace deltic::python
