//! The generated table of operations and the methods of the raw client, read from their source.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use syn::{Expr, ImplItem, Item, Lit};

/// A row of the table.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    /// The name of the row in Rust, such as `GET_JOB`.
    pub(super) constant: String,
    /// Such as `getJob`.
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    /// Whether the raw client has a method for it.
    pub(super) has_method: bool,
}

/// The rows of a generated module; none if it has no table.
pub(super) fn raw_rows(generated: &Path) -> anyhow::Result<Vec<Row>> {
    let table = generated.join("operations.rs");
    if generated.exists() && !table.exists() {
        return Ok(Vec::new());
    }
    let read = |path: &Path| {
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    rows(&read(&table)?, &read(&generated.join("client.rs"))?)
        .with_context(|| generated.display().to_string())
}

fn rows(table: &str, client: &str) -> anyhow::Result<Vec<Row>> {
    let methods = methods(&syn::parse_file(client)?);
    let mut rows = Vec::new();
    for item in syn::parse_file(table)?.items {
        let Item::Static(row) = item else {
            continue;
        };
        let Expr::Struct(fields) = *row.expr else {
            continue;
        };
        let text = |name: &str| {
            let mut fields = fields.fields.iter();
            fields
                .find_map(|field| match (&field.member, &field.expr) {
                    (syn::Member::Named(member), Expr::Lit(literal)) if member == name => {
                        match &literal.lit {
                            Lit::Str(text) => Some(text.value()),
                            _ => None,
                        }
                    }
                    _ => None,
                })
                .ok_or_else(|| anyhow!("the row {} has no `{name}`", row.ident))
        };
        let constant = row.ident.to_string();
        rows.push(Row {
            has_method: methods.contains(&constant.to_lowercase()),
            id: text("id")?,
            method: text("method")?,
            path: text("path")?,
            constant,
        });
    }
    Ok(rows)
}

fn methods(client: &syn::File) -> BTreeSet<String> {
    let blocks = client.items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => Some(&block.items),
        _ => None,
    });
    blocks
        .flatten()
        .filter_map(|item| match item {
            ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Row, rows};

    #[test]
    fn rows_are_told_with_whether_they_have_a_method() {
        let table = r#"
            pub static OPERATIONS: &[&Operation] = &[&GET_JOB, &LIST_JOBS];
            pub static GET_JOB: Operation = Operation { id: "getJob", method: "GET", path: "/jobs/{id}", paged: false };
            pub static LIST_JOBS: Operation = Operation { id: "listJobs", method: "GET", path: "/jobs", paged: true };
        "#;
        let client = "impl Client { pub async fn get_job(&self) {} } impl Other for Client { fn list_jobs() {} }";
        let row = |constant: &str, id: &str, path: &str, has_method| Row {
            constant: constant.to_owned(),
            id: id.to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            has_method,
        };
        assert_eq!(
            rows(table, client).expect("Rust"),
            [
                row("GET_JOB", "getJob", "/jobs/{id}", true),
                row("LIST_JOBS", "listJobs", "/jobs", false)
            ]
        );
        rows("pub static A: O = O { id: 5 };", "").expect_err("no text");
    }
}
