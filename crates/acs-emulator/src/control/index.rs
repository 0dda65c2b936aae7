//! What routes there are.

use std::sync::Arc;

use serde::Serialize;

use super::{Answering, ROUTES};
use crate::shell::Shell;
use crate::wire::{Call, Reply};

#[derive(Serialize)]
struct Index {
    routes: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    method: &'static str,
    path: &'static str,
    about: &'static str,
}

pub(super) fn list<'c>(_: &'c Arc<Shell>, _: &'c Call<'c>) -> Answering<'c> {
    let entries = ROUTES.iter().map(|route| Entry {
        method: route.operation.method,
        path: route.operation.path,
        about: route.about,
    });
    let routes = entries.collect();
    Box::pin(async move { Reply::ok(&Index { routes }) })
}
