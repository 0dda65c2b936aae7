//! Names that a command takes some of: all, unless some are asked for.

use anyhow::bail;

/// The names that were asked for, or else all. Says which there are when one is unknown.
pub(crate) fn chosen(
    what: &str,
    available: &[String],
    asked: &[String],
) -> anyhow::Result<Vec<String>> {
    if let Some(unknown) = asked.iter().find(|name| !available.contains(name)) {
        bail!(
            "there is no {what} {unknown}; there are {}",
            available.join(", ")
        );
    }
    let chosen = if asked.is_empty() { available } else { asked };
    Ok(chosen.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn all_are_chosen_unless_some_are_named() {
        let available = names(&["chat/errors", "chat/paging"]);
        assert_eq!(chosen("script", &available, &[]).unwrap(), available);
        let asked = names(&["chat/paging"]);
        assert_eq!(chosen("script", &available, &asked).unwrap(), asked);
    }

    #[test]
    fn one_that_does_not_exist_is_named_with_those_that_do() {
        let available = names(&["chat/errors", "chat/paging"]);
        let error = chosen("script", &available, &names(&["paging"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no script paging; there are chat/errors, chat/paging"
        );
        let available = names(&["read_events", "webhook"]);
        let error = chosen("fuzz target", &available, &names(&["web"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no fuzz target web; there are read_events, webhook"
        );
    }
}
