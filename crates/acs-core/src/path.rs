//! Values that stand in the path of a request.

use crate::error::{ConfigError, Result};

/// Refuses values that cannot stand in a path: an empty one names the collection, and `.` and `..` are removed from paths
/// before they are sent, which would call something else.
///
/// # Errors
///
/// [`Error::Config`](crate::Error::Config), which calls the value by its `name`.
pub fn check_id(name: &str, id: &str) -> Result<()> {
    match id {
        "" => Err(ConfigError::new(format!("the {name} is empty")).into()),
        "." | ".." => Err(ConfigError::new(format!(
            "the {name} {id:?} cannot be sent: paths give it a meaning of its own"
        ))
        .into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_id;

    #[test]
    fn ids_that_would_change_the_path_are_refused_by_name() {
        for id in ["", ".", ".."] {
            let error = check_id("job id", id).expect_err(id);
            assert!(error.to_string().contains("job id"), "{error}");
        }
        for id in ["a", "...", "a/b", "a b", "ä", "%2e"] {
            assert!(check_id("job id", id).is_ok(), "{id}");
        }
    }
}
