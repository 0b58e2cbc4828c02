"""What the brace matcher finds in C++."""

import unittest

import cpp_scopes

_CLASS = """\
#include <vector>
namespace sextant {
template <typename T, typename = std::enable_if_t<(sizeof(T) > 1)>>
class Rows final : public Base<T> {
 public:
  explicit Rows(int n) : n_{n}, more_(n) {
    if (n > 0) {
      Fill();
    }
  }
  bool operator==(const Rows& other) const { return n_ == other.n_; }
  int n() const;

 private:
  enum class Kind { kOne, kTwo };
  using Ids = std::vector<int>;
  std::function<void(std::vector<int>)> sink_;
  std::vector<int> ids_ = {1, 2};
  int n_{0};
};
}  // namespace sextant
"""


def kinds(text: str) -> list[tuple[str, str]]:
    return [(scope.kind, scope.name) for scope in cpp_scopes.scopes(text)
            if scope.kind in ("class", "function")]


class CppScopesTest(unittest.TestCase):

    def test_finds_classes_and_functions(self):
        self.assertEqual(kinds(_CLASS), [("function", "Rows"), ("function", "operator_"),
                                         ("class", "Rows")])

    def test_finds_data_members_only(self):
        texts = [" ".join(member.text.split()) for member in cpp_scopes.members(_CLASS)]
        self.assertEqual(texts, ["std::function<void(std::vector<int>)> sink_",
                                 "std::vector<int> ids_ = {1, 2}", "int n_{0}"])

    def test_a_member_tells_its_lines(self):
        lines = [(member.first_line, member.last_line) for member in cpp_scopes.members(_CLASS)]
        self.assertEqual(lines, [(17, 17), (18, 18), (19, 19)])

    def test_a_function_reaches_from_its_head_to_its_brace(self):
        text = "namespace a {\n\nint Long(int a,\n         int b) {\n  return a;\n}\n}\n"
        function = next(scope for scope in cpp_scopes.scopes(text) if scope.kind == "function")
        self.assertEqual((function.first_line, function.last_line), (3, 6))

    def test_braces_in_comments_strings_and_macros_do_not_count(self):
        text = ('// {\n/* { */\n#define OPEN {\nconst char* k = "{";\nchar c = \'{\';\n'
                'auto r = R"x({)x";\nint thousand = 1\'000;\nvoid F() { G("}"); }\n')
        self.assertEqual(kinds(text), [("function", "F")])

    def test_a_lambda_is_part_of_its_function(self):
        text = "void F() {\n  Run([](int x) {\n    return x;\n  });\n}\nvoid G() {}\n"
        self.assertEqual(kinds(text), [("function", "F"), ("function", "G")])

    def test_a_table_at_namespace_level_is_no_function(self):
        self.assertEqual(kinds("constexpr int kTable[] = {F(1), 2};\nvoid G() {}\n"),
                         [("function", "G")])


if __name__ == "__main__":
    unittest.main()
