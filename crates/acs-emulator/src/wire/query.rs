//! The query of a request.

use url::form_urlencoded;

use super::Failure;

/// Query parameters in the order sent, decoded. Names are compared byte by byte; unknown ones are ignored.
#[derive(Debug)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn parse(raw: &str) -> Self {
        Self {
            pairs: form_urlencoded::parse(raw.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    /// The value of a parameter; an empty value counts as absent.
    pub(crate) fn value(&self, name: &str) -> Result<Option<&str>, Failure> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.as_str());
        if values.next().is_some() {
            return Err(Failure::invalid_query(name, "is given more than once"));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_empty_ones_are_absent() {
        let query = Query::parse("queueId=a%20b+c&status=");
        assert_eq!(query.value("queueId").unwrap(), Some("a b c"));
        assert_eq!(query.value("status").unwrap(), None);
        assert_eq!(query.value("QueueId").unwrap(), None);
    }

    #[test]
    fn a_parameter_given_twice_is_refused_by_name() {
        let query = Query::parse("status=queued&status=closed");
        let failure = query.value("status").unwrap_err();
        assert!(failure.to_string().contains("`status`"), "{failure}");
    }
}
