//! Corrections of the methods that progenitor writes.
//!
//! - Each sends the version of the API in a header. The services want it in the query, which is the business of the pipeline.
//! - Each keeps room for reading the answer, which is as large as everything before it and never happens: the pipeline reads
//!   answers itself. In a box, it makes the future of every call half as large.

use quote::ToTokens as _;
use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Block, Expr, Stmt, parse_quote};

/// Corrects the body of one method.
pub(super) fn correct(body: &mut Block) {
    body.stmts.retain(|statement| !sends_version(statement));
    if !body.stmts.iter().any(is_append) {
        body.stmts.retain(|statement| !makes_header_map(statement));
        WithoutHeaders.visit_block_mut(body);
    }
    ReadInABox.visit_block_mut(body);
}

/// Boxes the reading of the answer.
struct ReadInABox;

impl VisitMut for ReadInABox {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_expr_mut(self, expression);
        if let Expr::Await(awaited) = expression
            && called(&awaited.base).is_some_and(|name| name == "ResponseValue::from_response")
        {
            let reading = &awaited.base;
            *awaited.base = parse_quote! { Box::pin(#reading) };
        }
    }
}

/// Takes `.headers(header_map)` out of a chain of calls.
struct WithoutHeaders;

impl VisitMut for WithoutHeaders {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression
            && call.method == "headers"
            && call.args.to_token_stream().to_string() == "header_map"
        {
            *expression = (*call.receiver).clone();
        }
    }
}

fn sends_version(statement: &Stmt) -> bool {
    is_append(statement)
        && statement
            .to_token_stream()
            .to_string()
            .contains("\"api-version\"")
}

/// `header_map.append(..)`
fn is_append(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(Expr::MethodCall(call), _) => {
            call.method == "append" && call.receiver.to_token_stream().to_string() == "header_map"
        }
        // An optional header is appended if it is there.
        Stmt::Expr(Expr::If(optional), _) => optional.then_branch.stmts.iter().any(is_append),
        _ => false,
    }
}

/// `let mut header_map = ..`
fn makes_header_map(statement: &Stmt) -> bool {
    match statement {
        Stmt::Local(local) => local.pat.to_token_stream().to_string() == "mut header_map",
        _ => false,
    }
}

/// The path of a called function.
fn called(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Call(call) => Some(call.func.to_token_stream().to_string().replace(' ', "")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mut written: Block, expected: Block) {
        correct(&mut written);
        assert_eq!(
            written.to_token_stream().to_string(),
            expected.to_token_stream().to_string()
        );
    }

    #[test]
    fn a_method_without_headers_makes_no_map_of_them() {
        check(
            parse_quote!({
                let mut header_map = HeaderMap::with_capacity(1usize);
                header_map.append(HeaderName::from_static("api-version"), value);
                let mut request = self.client.get(url).headers(header_map).build()?;
                result
            }),
            parse_quote!({
                let mut request = self.client.get(url).build()?;
                result
            }),
        );
    }

    #[test]
    fn other_headers_stay() {
        check(
            parse_quote!({
                let mut header_map = HeaderMap::with_capacity(2usize);
                header_map.append(HeaderName::from_static("api-version"), value);
                if let Some(value) = if_match {
                    header_map.append("if-match", value.to_string().try_into()?);
                }
                let mut request = self.client.get(url).headers(header_map).build()?;
            }),
            parse_quote!({
                let mut header_map = HeaderMap::with_capacity(2usize);
                if let Some(value) = if_match {
                    header_map.append("if-match", value.to_string().try_into()?);
                }
                let mut request = self.client.get(url).headers(header_map).build()?;
            }),
        );
    }

    #[test]
    fn the_answer_is_read_in_a_box() {
        check(
            parse_quote!({
                match status {
                    200u16 => ResponseValue::from_response(response).await,
                    204u16 => Ok(ResponseValue::empty(response)),
                }
            }),
            parse_quote!({
                match status {
                    200u16 => Box::pin(ResponseValue::from_response(response)).await,
                    204u16 => Ok(ResponseValue::empty(response)),
                }
            }),
        );
    }
}
