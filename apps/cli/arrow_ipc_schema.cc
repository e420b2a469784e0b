// Owns the reading of Arrow format strings and the making of the Schema flatbuffer. See arrow_ipc_schema.h.
#include "arrow_ipc_schema.h"

#include <charconv>
#include <cstring>
#include <string_view>

#include "base/error.h"

namespace deltic::cli {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Ref = FlatBuffer::Ref;

// metadata = pairs:i32, {key bytes:i32, key, value bytes:i32, value} ...
Pairs ParseMetadata(const char* bytes) {
  Pairs pairs;
  if (bytes == nullptr) return pairs;
  auto take_int = [&bytes] {
    int32_t n;
    std::memcpy(&n, bytes, 4);
    bytes += 4;
    return n;
  };
  auto take_text = [&] {
    const int32_t n = take_int();
    std::string text(bytes, static_cast<size_t>(n));
    bytes += n;
    return text;
  };
  for (int32_t left = take_int(); left > 0; --left) {
    std::string key = take_text();
    pairs.emplace_back(std::move(key), take_text());
  }
  return pairs;
}

bool ParseInts(std::string_view text, std::vector<int32_t>* numbers) {
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    int32_t n = 0;
    auto [next, error] = std::from_chars(at, end, n);
    if (error != std::errc() || (next != end && *next != ',')) return false;
    numbers->push_back(n);
    at = next + (next != end);
  }
  return !numbers->empty();
}

void Set(IpcField* field, TypeId type, Layout layout, int64_t width, int32_t a = 0, int32_t b = 0) {
  field->type = type;
  field->layout = layout;
  field->width = width;
  field->a = a;
  field->b = b;
}

int TimeUnit(char letter) { return letter == 's' ? 0 : letter == 'm' ? 1 : letter == 'u' ? 2 : letter == 'n' ? 3 : -1; }

// Formats of one letter.
bool ParsePrimitive(char letter, IpcField* field) {
  switch (letter) {
    case 'n':
      Set(field, TypeId::kNull, Layout::kNull, 0);
      return true;
    case 'b':
      Set(field, TypeId::kBool, Layout::kBits, 0);
      return true;
    case 'c':
      Set(field, TypeId::kInt, Layout::kFixed, 1, 8, 1);
      return true;
    case 'C':
      Set(field, TypeId::kInt, Layout::kFixed, 1, 8, 0);
      return true;
    case 's':
      Set(field, TypeId::kInt, Layout::kFixed, 2, 16, 1);
      return true;
    case 'S':
      Set(field, TypeId::kInt, Layout::kFixed, 2, 16, 0);
      return true;
    case 'i':
      Set(field, TypeId::kInt, Layout::kFixed, 4, 32, 1);
      return true;
    case 'I':
      Set(field, TypeId::kInt, Layout::kFixed, 4, 32, 0);
      return true;
    case 'l':
      Set(field, TypeId::kInt, Layout::kFixed, 8, 64, 1);
      return true;
    case 'L':
      Set(field, TypeId::kInt, Layout::kFixed, 8, 64, 0);
      return true;
    case 'e':
      Set(field, TypeId::kFloatingPoint, Layout::kFixed, 2, 0);
      return true;
    case 'f':
      Set(field, TypeId::kFloatingPoint, Layout::kFixed, 4, 1);
      return true;
    case 'g':
      Set(field, TypeId::kFloatingPoint, Layout::kFixed, 8, 2);
      return true;
    case 'u':
      Set(field, TypeId::kUtf8, Layout::kBytes, 4);
      return true;
    case 'U':
      Set(field, TypeId::kLargeUtf8, Layout::kBytes, 8);
      return true;
    case 'z':
      Set(field, TypeId::kBinary, Layout::kBytes, 4);
      return true;
    case 'Z':
      Set(field, TypeId::kLargeBinary, Layout::kBytes, 8);
      return true;
    default:
      return false;
  }
}

// "tdD", "ttu", "tsu:UTC", "tDu", "tiM", ...
bool ParseTemporal(std::string_view format, IpcField* field) {
  if (format == "tdD") return Set(field, TypeId::kDate, Layout::kFixed, 4, 0), true;
  if (format == "tdm") return Set(field, TypeId::kDate, Layout::kFixed, 8, 1), true;
  if (format == "tiM") return Set(field, TypeId::kInterval, Layout::kFixed, 4, 0), true;
  if (format == "tiD") return Set(field, TypeId::kInterval, Layout::kFixed, 8, 1), true;
  if (format == "tin") return Set(field, TypeId::kInterval, Layout::kFixed, 16, 2), true;
  const int unit = format.size() >= 3 ? TimeUnit(format[2]) : -1;
  if (unit < 0) return false;
  if (format[1] == 't' && format.size() == 3) {
    const int width = unit < 2 ? 4 : 8;
    return Set(field, TypeId::kTime, Layout::kFixed, width, unit, width * 8), true;
  }
  if (format[1] == 'D' && format.size() == 3) return Set(field, TypeId::kDuration, Layout::kFixed, 8, unit), true;
  if (format[1] == 's' && format.size() >= 4 && format[3] == ':') {
    Set(field, TypeId::kTimestamp, Layout::kFixed, 8, unit);
    field->timezone = format.substr(4);
    return true;
  }
  return false;
}

// "+s", "+l", "+L", "+m", "+w:3".
bool ParseNested(std::string_view format, bool keys_sorted, IpcField* field) {
  if (format == "+s") return Set(field, TypeId::kStruct, Layout::kStruct, 0), true;
  if (format == "+l") return Set(field, TypeId::kList, Layout::kList, 4), true;
  if (format == "+L") return Set(field, TypeId::kLargeList, Layout::kList, 8), true;
  if (format == "+m") return Set(field, TypeId::kMap, Layout::kList, 4, keys_sorted), true;
  std::vector<int32_t> numbers;
  if (format.starts_with("+w:") && ParseInts(format.substr(3), &numbers) && numbers.size() == 1 && numbers[0] >= 0) {
    return Set(field, TypeId::kFixedSizeList, Layout::kFixedList, numbers[0], numbers[0]), true;
  }
  return false;
}

bool ParseFormat(std::string_view format, bool keys_sorted, IpcField* field) {
  if (format.size() == 1) return ParsePrimitive(format[0], field);
  if (format == "vu") return Set(field, TypeId::kUtf8View, Layout::kViews, 16), true;
  if (format == "vz") return Set(field, TypeId::kBinaryView, Layout::kViews, 16), true;
  if (format.starts_with("t")) return ParseTemporal(format, field);
  if (format.starts_with("+")) return ParseNested(format, keys_sorted, field);
  std::vector<int32_t> numbers;
  if (format.size() < 3 || format[1] != ':' || !ParseInts(format.substr(2), &numbers)) return false;
  if (format[0] == 'w' && numbers.size() == 1 && numbers[0] >= 0) {
    return Set(field, TypeId::kFixedSizeBinary, Layout::kFixed, numbers[0], numbers[0]), true;
  }
  if (format[0] == 'd' && (numbers.size() == 2 || numbers.size() == 3)) {
    const int32_t bits = numbers.size() == 3 ? numbers[2] : 128;
    if (bits != 32 && bits != 64 && bits != 128 && bits != 256) return false;
    Set(field, TypeId::kDecimal, Layout::kFixed, bits / 8, numbers[0], numbers[1]);
    field->c = bits;
    return true;
  }
  return false;
}

Result<IpcField> ParseField(const ArrowSchema& schema, const std::string& parent) {
  IpcField field;
  field.name = schema.name != nullptr ? schema.name : "";
  field.nullable = (schema.flags & ARROW_FLAG_NULLABLE) != 0;
  field.metadata = ParseMetadata(schema.metadata);
  const std::string path = parent.empty() ? field.name : parent + "." + field.name;
  if (schema.dictionary != nullptr) {
    return Unsupported("column {}: dictionary-encoded data cannot be written as Arrow IPC yet", path);
  }
  if (!ParseFormat(schema.format, (schema.flags & ARROW_FLAG_MAP_KEYS_SORTED) != 0, &field)) {
    return Unsupported("column {}: data of Arrow format \"{}\" cannot be written as Arrow IPC", path, schema.format);
  }
  const bool one_child = field.layout == Layout::kList || field.layout == Layout::kFixedList;
  if (one_child ? schema.n_children != 1 : field.layout != Layout::kStruct && schema.n_children != 0) {
    return Internal("column {}: Arrow format \"{}\" with {} children", path, schema.format, schema.n_children);
  }
  for (int64_t i = 0; i < schema.n_children; ++i) {
    DELTIC_TRY(IpcField child, ParseField(*schema.children[i], path));
    field.children.push_back(std::move(child));
  }
  return field;
}

Ref MakeMetadata(const Pairs& pairs, FlatBuffer* buffer) {
  if (pairs.empty()) return {};
  std::vector<Ref> refs;
  for (const auto& [key, value] : pairs) {
    const Ref key_ref = buffer->String(key);
    const Ref value_ref = buffer->String(value);
    buffer->StartTable();
    buffer->Add(0, key_ref);
    buffer->Add(1, value_ref);
    refs.push_back(buffer->EndTable());
  }
  return buffer->Refs(refs);
}

// The tables of Schema.fbs: Int{bitWidth:int, is_signed:bool}, Decimal{precision, scale, bitWidth:int}, ...
Ref MakeType(const IpcField& field, FlatBuffer* buffer) {
  const Ref timezone = field.timezone.empty() ? Ref() : buffer->String(field.timezone);
  buffer->StartTable();
  switch (field.type) {
    case TypeId::kInt:
      buffer->Add(0, int32_t{field.a});
      buffer->Add(1, static_cast<uint8_t>(field.b));
      break;
    case TypeId::kDecimal:
      buffer->Add(0, int32_t{field.a});
      buffer->Add(1, int32_t{field.b});
      buffer->Add(2, int32_t{field.c});
      break;
    case TypeId::kTime:
      buffer->Add(0, static_cast<int16_t>(field.a));
      buffer->Add(1, int32_t{field.b});
      break;
    case TypeId::kTimestamp:
      buffer->Add(0, static_cast<int16_t>(field.a));
      buffer->Add(1, timezone);
      break;
    case TypeId::kFloatingPoint:
    case TypeId::kDate:
    case TypeId::kInterval:
    case TypeId::kDuration:
      buffer->Add(0, static_cast<int16_t>(field.a));
      break;
    case TypeId::kFixedSizeBinary:
    case TypeId::kFixedSizeList:
      buffer->Add(0, int32_t{field.a});
      break;
    case TypeId::kMap:
      buffer->Add(0, static_cast<uint8_t>(field.a));
      break;
    default:
      break;  // a table without fields
  }
  return buffer->EndTable();
}

// Field{name, nullable, type_type, type, dictionary, children, custom_metadata}
Ref MakeField(const IpcField& field, FlatBuffer* buffer) {
  std::vector<Ref> children;
  for (const IpcField& child : field.children) children.push_back(MakeField(child, buffer));
  const Ref name = buffer->String(field.name);
  const Ref type = MakeType(field, buffer);
  const Ref children_ref = buffer->Refs(children);
  const Ref metadata = MakeMetadata(field.metadata, buffer);
  buffer->StartTable();
  buffer->Add(0, name);
  buffer->Add(3, type);
  buffer->Add(5, children_ref);
  buffer->Add(6, metadata);
  buffer->Add(1, static_cast<uint8_t>(field.nullable));
  buffer->Add(2, static_cast<uint8_t>(field.type));
  return buffer->EndTable();
}

}  // namespace

Result<IpcSchema> ParseIpcSchema(const ArrowSchema& schema) {
  if (std::string_view(schema.format) != "+s") {
    return Internal("the rows' Arrow format is \"{}\", not a struct", schema.format);
  }
  IpcSchema parsed;
  parsed.metadata = ParseMetadata(schema.metadata);
  for (int64_t i = 0; i < schema.n_children; ++i) {
    DELTIC_TRY(IpcField field, ParseField(*schema.children[i], ""));
    parsed.fields.push_back(std::move(field));
  }
  return parsed;
}

// Schema{endianness, fields, custom_metadata}
Ref MakeSchema(const IpcSchema& schema, FlatBuffer* buffer) {
  std::vector<Ref> refs;
  for (const IpcField& field : schema.fields) refs.push_back(MakeField(field, buffer));
  const Ref fields_ref = buffer->Refs(refs);
  const Ref metadata_ref = MakeMetadata(schema.metadata, buffer);
  buffer->StartTable();
  buffer->Add(1, fields_ref);
  buffer->Add(2, metadata_ref);
  buffer->Add(0, int16_t{0});
  return buffer->EndTable();
}

}  // namespace deltic::cli
