#!/usr/bin/env python3
"""Proves that the C++ reference says what the headers say: comments reach what they stand above or beside, nothing public is
left out, nothing of the inside shows.
"""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import cpp_reference

HEADER = """// Owns a door. Does not open windows.
//
// Example:
//   auto door = Door::Open();
//   door->Close();
#pragma once

#include <string>

namespace deltic {

// How a door is opened.
struct DoorOptions {
  // Where it is: a path,
  // or a URL.
  std::string place;
  int width_mm = 900;  // between the posts
};

enum class Side : uint8_t { kLeft, kRight };

// A door. Answers Result<T>.
class DELTIC_EXPORT Door {
 public:
  struct State;  // deltic's own

  // Opens it.
  static Result<Door> Open(const DoorOptions& options = {});

  int width_mm() const { return width_mm_; }

  explicit Door(std::shared_ptr<const State> state) : state_(std::move(state)) {}

 private:
  // Nobody's business.
  int width_mm_ = 0;
};

// How many doors
// there are.
DELTIC_EXPORT int CountDoors(const std::string& house,
                             int floor);

// Shuts it.
DELTIC_EXPORT void Shut(Door& door);
// Shuts all doors of a house.
DELTIC_EXPORT void Shut(const std::string& house);

}  // namespace deltic

// DOOR_TRY(f()): f's door.
#define DOOR_TRY(expression) \\
  do {                       \\
  } while (false)
#define DOOR_INSIDE_(x) x
"""


class CppReference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = cpp_reference.reference({"door.h": HEADER})

    def test_the_opening_comment_begins_the_headers_section_and_its_example_is_code(self):
        self.assertIn("Owns a door. Does not open windows.", self.page)
        self.assertIn("```cpp\nauto door = Door::Open();\ndoor->Close();\n```", self.page)

    def test_comments_above_and_beside_a_field_are_its_meaning(self):
        self.assertIn("| `std::string place` | Where it is: a path, or a URL. |", self.page)
        self.assertIn("| `int width_mm = 900` | between the posts |", self.page)

    def test_an_enum_on_one_line_shows_its_values(self):
        self.assertIn("| `kLeft` |", self.page)
        self.assertIn("| `kRight` |", self.page)

    def test_a_method_stands_with_its_comment_and_without_its_body(self):
        self.assertIn("```cpp\nstatic Result<Door> Open(const DoorOptions& options = {});\n```\n\nOpens it.", self.page)
        self.assertIn("int width_mm() const;", self.page)

    def test_what_is_private_or_deltics_own_does_not_show(self):
        for inside in ("Nobody's business", "width_mm_", "struct State", "shared_ptr", "DELTIC_EXPORT", "DOOR_INSIDE_"):
            self.assertNotIn(inside, self.page)

    def test_a_function_over_several_lines_is_one_declaration(self):
        self.assertIn("int CountDoors(const std::string& house, int floor);", self.page)
        self.assertIn("How many doors\nthere are.", self.page)

    def test_overloads_stand_under_one_heading(self):
        self.assertEqual(self.page.count("### `Shut`"), 1)
        self.assertIn("Shuts all doors of a house.", self.page)

    def test_the_examples_of_a_header_are_found(self):
        self.assertEqual(cpp_reference.examples(HEADER), ["auto door = Door::Open();\ndoor->Close();\n"])

    def test_a_macro_with_a_comment_is_shown_by_how_it_is_called(self):
        self.assertIn("### `DOOR_TRY` { #door_try }", self.page)
        self.assertIn("```cpp\nDOOR_TRY(expression)\n```", self.page)

    def test_angle_brackets_in_prose_do_not_become_markup(self):
        self.assertIn("A door. Answers `Result<T>`.", self.page)

    def test_every_type_and_function_of_the_real_headers_is_there(self):
        headers = {path.name: path.read_text() for path in (ROOT / "include/deltic").glob("*.h")}
        page = cpp_reference.reference(headers)
        missing = []
        for name, text in headers.items():
            text = re.sub(r"//.*", "", text)
            names = re.findall(r"^(?:struct|class|enum class)\s+(?:\[\[\w+\]\]\s+)?(?:DELTIC_EXPORT\s+)?(\w+)[^;]*\{", text, flags=re.M)
            names += re.findall(r"^DELTIC_EXPORT [^\n(]*?(\w+)\(", text, flags=re.M)
            missing += [f"{name}: {public}" for public in names if not re.search(rf"^### `{public}\b", page, flags=re.M)]
        self.assertEqual(missing, [])

    def test_every_public_method_of_the_real_classes_is_there(self):
        page = cpp_reference.reference({path.name: path.read_text() for path in (ROOT / "include/deltic").glob("*.h")})
        for method in ("Open", "Totals", "VisitFiles", "Scan", "Explain", "Refresh", "first_version", "Register", "Query"):
            self.assertRegex(page, rf"\b{method}\(", method)

    def test_headings_have_names_of_their_own(self):
        page = cpp_reference.reference({path.name: path.read_text() for path in (ROOT / "include/deltic").glob("*.h")})
        anchors = re.findall(r"\{ #([\w-]+) \}", page)
        self.assertEqual(sorted(anchors), sorted(set(anchors)))


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
