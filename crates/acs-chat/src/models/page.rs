//! Pages of lists.

use acs_core::WirePage;
use serde::{Deserialize, Deserializer};

/// One page of a list of models of this crate.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WholePage<T> {
    value: Vec<T>,
    next_link: Option<String>,
}

impl<T> WirePage for WholePage<T> {
    type Item = T;

    fn into_parts(self) -> (Vec<T>, Option<String>) {
        (self.value, self.next_link)
    }
}

/// Reads a collection; null means the same as an absent one: empty.
pub(crate) fn null_as_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
