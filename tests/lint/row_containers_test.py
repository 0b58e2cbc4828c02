"""Planted row-proportional containers are found, and nothing else is."""

import unittest

import row_containers


def lines_found(body: str) -> list[int]:
    text = f"class Column {{\n{body}\n}};\n"
    return [finding.line for finding in row_containers.check("compute/column/column.h", text)]


class RowContainersTest(unittest.TestCase):

    def test_a_vector_member_is_found(self):
        self.assertEqual(lines_found("  std::vector<int64_t> values_;"), [2])

    def test_a_vector_inside_another_type_is_found(self):
        self.assertEqual(lines_found("  std::shared_ptr<const std::vector<std::string>> names_;"),
                         [2])

    def test_maps_and_abseil_containers_are_found(self):
        self.assertEqual(lines_found("  std::unordered_map<int, int> a_;\n"
                                     "  absl::flat_hash_map<std::string, int> b_;\n"
                                     "  absl::InlinedVector<int, 4> c_{1, 2};"), [2, 3, 4])

    def test_a_member_of_a_nested_struct_in_a_source_file_is_found(self):
        self.assertEqual(lines_found("  struct Part {\n    std::vector<char> bytes;\n  };"), [3])

    def test_a_reason_on_the_line_or_above_is_accepted(self):
        self.assertEqual(lines_found("  std::vector<int> a_;  // not row-proportional: per column\n"
                                     "\n"
                                     "  // Sorted; not row-proportional: per chunk\n"
                                     "  std::vector<int> b_;"), [])

    def test_a_member_charged_by_hand_is_accepted(self):
        self.assertEqual(lines_found("  std::vector<int> a_;  // charged to reservation_ by Add\n"
                                     "\n"
                                     "  std::vector<int> b_;  // charged to nobody"), [4])

    def test_a_reason_must_say_something(self):
        self.assertEqual(lines_found("  std::vector<int> a_;  // not row-proportional:"), [2])

    def test_a_reason_does_not_reach_two_lines_down(self):
        self.assertEqual(lines_found("  // not row-proportional: per column\n"
                                     "  std::vector<int> a_;\n"
                                     "  std::vector<int> b_;"), [4])

    def test_a_reason_of_the_class_holds_for_its_members_only(self):
        self.assertEqual(lines_found("  struct Spec {  // not row-proportional: by people\n"
                                     "    int number;\n"
                                     "    std::vector<int> a;\n"
                                     "  };\n"
                                     "  std::vector<int> b_;"), [6])

    def test_functions_aliases_and_locals_are_no_members(self):
        self.assertEqual(lines_found("  std::vector<int> Values() const;\n"
                                     "  void Set(std::vector<int> values);\n"
                                     "  using Values = std::vector<int>;\n"
                                     "  void F() { std::vector<int> local; }"), [])


if __name__ == "__main__":
    unittest.main()
