//! What the specification says of one operation, as data.

/// One operation of a service: the row that generated clients, the emulator and the coverage page share.
///
/// Instances are generated from the specification; see the `operations` module of a raw crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent fact of the specification"
)]
pub struct Operation {
    /// The short operation id, unique in its service: `upsertJob`.
    pub id: &'static str,
    /// The HTTP method in capitals: `PATCH`.
    pub method: &'static str,
    /// The path template: `/routing/jobs/{jobId}:cancel`.
    pub path: &'static str,
    /// The statuses that mean success.
    pub success: &'static [u16],
    /// Whether the body is a JSON merge patch (RFC 7396).
    pub merge_patch: bool,
    /// Whether the body may be left out.
    pub optional_body: bool,
    /// Whether `If-Match` and `If-Unmodified-Since` are documented for it.
    pub conditional: bool,
    /// Whether the answer is one page of a list.
    pub paged: bool,
    /// The first api-version that has it.
    pub since: &'static str,
}

impl Operation {
    /// Whether the same request may be sent again without harm, whatever became of the first, going by its method alone.
    ///
    /// An upsert counts: repeated, it leads to the same entity.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        match self.method {
            "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" => true,
            "PATCH" => self.merge_patch,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Operation;

    const LIST: Operation = Operation {
        id: "listJobs",
        method: "GET",
        path: "/routing/jobs",
        success: &[200],
        merge_patch: false,
        optional_body: false,
        conditional: false,
        paged: true,
        since: "2023-11-01",
    };

    #[test]
    fn reads_and_merge_patches_may_be_repeated_but_actions_may_not() {
        assert!(LIST.is_idempotent());
        assert!(
            Operation {
                method: "PATCH",
                merge_patch: true,
                ..LIST
            }
            .is_idempotent()
        );
        assert!(
            !Operation {
                method: "PATCH",
                ..LIST
            }
            .is_idempotent()
        );
        assert!(
            !Operation {
                method: "POST",
                ..LIST
            }
            .is_idempotent()
        );
    }
}
