#include "compute/plan/binder/cast_binder.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/binder/type_name.h"

namespace sextant {
namespace {

/// The types that something can be cast to, by their names in a message.
constexpr std::pair<TypeKind, const char*> kTargets[] = {
    {TypeKind::kInt16, "smallint"}, {TypeKind::kInt32, "integer"},
    {TypeKind::kInt64, "bigint"},   {TypeKind::kDecimal, "numeric(p,s)"},
    {TypeKind::kFloat32, "real"},   {TypeKind::kFloat64, "double precision"},
    {TypeKind::kBool, "boolean"},   {TypeKind::kText, "text"},
    {TypeKind::kDate, "date"},      {TypeKind::kTimestamp, "timestamptz"},
    {TypeKind::kUuid, "uuid"},
};

/// The first `length` code points of a UTF-8 text.
std::string Prefix(const std::string& text, int length) {
  size_t end = 0;
  for (int taken = 0; end < text.size(); ++end) {
    const bool begins_code_point = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins_code_point && taken++ == length) break;
  }
  return text.substr(0, end);
}

/// Which kinds have a cast, beyond equal ones (as in PostgreSQL's pg_cast, and what is evaluated).
bool HasCast(TypeKind from, TypeKind to) {
  if (IsNumber(from) && IsNumber(to)) return true;
  switch (to) {
    case TypeKind::kBool:
      return from == TypeKind::kInt32 || from == TypeKind::kText;
    case TypeKind::kInt32:
      return from == TypeKind::kBool || from == TypeKind::kText;
    case TypeKind::kInt16:
    case TypeKind::kInt64:
    case TypeKind::kDecimal:
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
    case TypeKind::kUuid:
      return from == TypeKind::kText;
    case TypeKind::kDate:
      return from == TypeKind::kText || from == TypeKind::kTimestamp;
    case TypeKind::kTimestamp:
      return from == TypeKind::kDate;
    case TypeKind::kText:
      return IsInteger(from) || from == TypeKind::kDecimal || from == TypeKind::kBool ||
             from == TypeKind::kUuid || from == TypeKind::kDate || from == TypeKind::kEnum;
    default:
      return false;
  }
}

/// What `value` can be cast to, for a message.
std::string AllowedCasts(const TypedExpression& value) {
  const TypeKind from = value.type().kind;
  std::vector<std::string> names;
  for (const auto& [to, name] : kTargets) {
    const bool is_printed = to == TypeKind::kText && value.is_mixed_scale;
    if ((from == to || HasCast(from, to)) && !is_printed) names.emplace_back(name);
  }
  if (from == TypeKind::kInterval || from == TypeKind::kDuration) names.emplace_back("interval");
  if (!names.empty()) return absl::StrJoin(names, ", ");
  return absl::StrCat("no cast of ", TypeName(value.type()));
}

class CastBinder {
 public:
  CastBinder(const TypingContext& context, std::string type_name)
      : context_(context), type_name_(std::move(type_name)) {}

  absl::StatusOr<TypedExpression> Bind(TypedExpression value) {
    const std::optional<NamedType> named = ParseTypeName(type_name_);
    if (!named) return BindEnumName(std::move(value));
    named_ = *named;
    if (value.IsUnknown()) {
      SEXTANT_ASSIGN_OR_RETURN(value, TypeConstant(std::move(value)));
    }
    value.literal.reset();
    if (value.Is(TypeKind::kDuration) && named_.type.kind == TypeKind::kInterval) return value;
    if (value.Is(TypeKind::kText) && named_.type.kind == TypeKind::kText) {
      return BindText(std::move(value));
    }
    SEXTANT_RETURN_IF_ERROR(ChooseScale(value));
    if (value.type() == named_.type && !IsRefusedTime(value)) {
      value.is_shown_duration = false;
      return value;
    }
    value.difference.reset();
    if (!HasCast(value.type().kind, named_.type.kind) || IsRefusedTime(value)) {
      return Refuse(value, "");
    }
    if (named_.type.kind == TypeKind::kText) return MakeText(std::move(value));
    return MakeCast(std::move(value));
  }

 private:
  absl::Status Refuse(const TypedExpression& value, const std::string& reason) const {
    return context_.Refuse(
        value,
        absl::StrCat("found a cast of ", value.text, ", which is ", TypeName(value.type()), ", to ",
                     type_name_.substr(0, 64), reason, "; allowed: ", AllowedCasts(value)));
  }

  /// 'x'::mood: the constant waits for a column of the enum; a column of it is one already.
  absl::StatusOr<TypedExpression> BindEnumName(TypedExpression value) const {
    if (value.IsUnknown() && value.literal->kind != Literal::Kind::kNull) {
      value.literal->kind = Literal::Kind::kTyped;
      value.literal->type_name = type_name_;
      return value;
    }
    if (value.IsUnknown()) return value;
    return Refuse(value, ", which is no type that is known here");
  }

  /// A quoted constant is read as the type; its length is cut below.
  absl::StatusOr<TypedExpression> TypeConstant(TypedExpression value) const {
    TypedExpression like;
    like.expression.type = named_.type;
    like.text = "the cast";
    like.is_blank_padded = named_.is_blank_padded && !named_.max_length;
    // Which clock a timestamp without zone is of.
    if (value.literal->kind == Literal::Kind::kString && named_.is_local_time) {
      value.literal->kind = Literal::Kind::kTyped;
      value.literal->type_name = "timestamp";
      DataType type = named_.type;
      absl::StatusOr<BoundConstant> constant =
          ConstantOfLiteral(*value.literal, type, {}, context_.zone);
      if (!constant.ok()) return context_.Refuse(value, std::string(constant.status().message()));
      value.expression = ConstantExpression(type, *std::move(constant));
      value.literal.reset();
      return value;
    }
    return TypedLike(context_, std::move(value), like);
  }

  /// timestamptz::timestamp forgets the zone, which no column does here.
  bool IsRefusedTime(const TypedExpression& value) const {
    return named_.is_local_time && !value.IsConstant();
  }

  absl::Status ChooseScale(const TypedExpression& value) {
    if (named_.type.kind != TypeKind::kDecimal || named_.has_precision) return absl::OkStatus();
    if (value.Is(TypeKind::kDecimal)) {
      named_.type = value.type();
    } else if (IsInteger(value.type().kind)) {
      named_.type = DataType::Decimal(38, 0);
    } else if (HasCast(value.type().kind, TypeKind::kDecimal)) {
      return Refuse(value, ", whose scale is not known; write numeric(p,s)");
    }
    return absl::OkStatus();
  }

  /// What is no text is printed first, then cut or padded as texts are.
  absl::StatusOr<TypedExpression> MakeText(TypedExpression value) const {
    const bool changes_it = named_.max_length || named_.is_blank_padded;
    if (changes_it && !value.IsConstant()) {
      return Refuse(value, ", which would cut or pad it; a column is cast to text only");
    }
    SEXTANT_ASSIGN_OR_RETURN(value, MakeCast(std::move(value)));
    return BindText(std::move(value));
  }

  absl::StatusOr<TypedExpression> BindText(TypedExpression value) const {
    if (named_.max_length) {
      if (!value.IsConstant()) {
        return Refuse(value, ", which would cut it; a column is cast to text only");
      }
      if (!value.IsNull()) {
        auto& text = std::get<std::string>(value.expression.constant.value);
        text = Prefix(text, *named_.max_length);
        if (named_.is_blank_padded) text.erase(text.find_last_not_of(' ') + 1);
      }
    }
    if (named_.is_blank_padded && !value.is_blank_padded) {
      if (!value.IsConstant()) return Refuse(value, ", which would pad it");
      value.is_blank_padded = true;
      return value;
    }
    if (named_.is_blank_padded) return value;
    value.is_varchar = named_.is_varchar;
    if (!value.is_blank_padded) return value;
    // Of char(n), text is what is stored, but it compares in another way.
    value.is_blank_padded = false;
    return value.IsConstant() ? value : MakeCast(std::move(value));
  }

  absl::StatusOr<TypedExpression> MakeCast(TypedExpression value) const {
    const TypeKind from = value.type().kind;
    const TypeKind to = named_.type.kind;
    if (to == TypeKind::kText && value.is_mixed_scale) {
      return Refuse(value, ", whose rows have scales of their own; cast it to numeric(p,s) first");
    }
    if (from == TypeKind::kText) value.text = absl::StrCat(value.text, "::", type_name_);
    BoundExpression cast;
    cast.op = ExpressionOp::kCast;
    cast.type = named_.type;
    const bool needs_zone = (from == TypeKind::kDate && to == TypeKind::kTimestamp) ||
                            (from == TypeKind::kTimestamp && to == TypeKind::kDate);
    if (needs_zone) cast.time_zone = context_.zone;
    cast.arguments.push_back(std::move(value.expression));
    SEXTANT_ASSIGN_OR_RETURN(value.expression, MakeNode(context_, std::move(cast), value));
    value.is_mixed_scale = false;
    value.integer_digits = IntegerDigitsOf(named_.type);
    value.is_blank_padded = false;
    value.is_varchar = named_.is_varchar;
    value.enum_labels = {};
    if (!IsNumber(to)) value.unit = {};
    return value;
  }

  const TypingContext& context_;
  const std::string type_name_;
  NamedType named_;
};

}  // namespace

absl::StatusOr<TypedExpression> BindCast(const TypingContext& context, TypedExpression value,
                                         const std::string& type_name) {
  return CastBinder(context, type_name).Bind(std::move(value));
}

}  // namespace sextant
