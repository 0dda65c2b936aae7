//! Members that the passes add to the document, to hand what they found to the emitters.

/// Of a schema: an enumeration that may grow, as a list of `{value, description}`.
pub(super) const OPEN_ENUM: &str = "x-lowered-open-enum";
/// Of a schema: a text, number or boolean.
pub(super) const LABEL: &str = "x-lowered-label";
/// Of a schema: a union by discriminator, as `{discriminator, variants: [{kind, schema}]}`.
pub(super) const UNION: &str = "x-lowered-union";
/// Of a schema: the merge patch of the named model.
pub(super) const PATCH_OF: &str = "x-lowered-patch-of";
/// Of a schema: one page of a list, as `{items, nextLink}`.
pub(super) const PAGE: &str = "x-lowered-page";
/// Of a property: its value must not be shown.
pub(super) const SECRET: &str = "x-lowered-secret";
/// Of a property: other names under which readers take it. Of a value of an enumeration: other spellings of it.
pub(super) const ALSO_READ: &str = "x-lowered-also-read";
/// Of a property: other forms of its value that readers take.
pub(super) const ALSO_ACCEPT: &str = "x-lowered-also-accept";
/// Of an operation or property: the first api-version that has it.
pub(super) const SINCE: &str = "x-lowered-since";
/// Of an operation: the statuses that mean success.
pub(super) const SUCCESS: &str = "x-lowered-success";
/// Of an operation: whether the body is a merge patch.
pub(super) const MERGE_PATCH: &str = "x-lowered-merge-patch";
/// Of an operation: whether the body may be left out.
pub(super) const OPTIONAL_BODY: &str = "x-lowered-optional-body";
/// Of an operation: whether it takes `If-Match` and `If-Unmodified-Since`.
pub(super) const CONDITIONAL: &str = "x-lowered-conditional";
/// Of an operation: whether the answer is one page of a list.
pub(super) const PAGED: &str = "x-lowered-paged";
