//! Links to next pages: which may be followed, and when they go round in circles.

use acs_auth::Endpoint;
use url::Url;

/// Makes a link, relative or absolute, into a URL to fetch; the error is the reason why not.
///
/// Credentials go along, so scheme, host and port must be the endpoint's. What counts is the URL as it would be fetched: a
/// parser reads `//evil/`, `\\evil\`, `http:/\evil` and `http://good@evil/` all as another host.
pub(crate) fn resolve(endpoint: &Endpoint, link: &str) -> Result<Url, String> {
    let mut url = endpoint
        .as_url()
        .join(link)
        .map_err(|error| format!("the next link is not a URL: {error}"))?;
    if !endpoint.same_origin(&url) {
        return Err(format!(
            "the next link leads to {}, and this client's credentials are for {endpoint} only",
            url.origin().ascii_serialization()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the next link has a user name or a password".to_owned());
    }
    url.set_fragment(None);
    Ok(url)
}

/// Notices links that lead in a circle, of any length, at the price of remembering one (Brent's algorithm).
#[derive(Debug, Default)]
pub(crate) struct CircleWatch {
    remembered: Option<String>,
    /// Links since the remembered one.
    steps: usize,
    /// After how many of them another one is remembered.
    patience: usize,
}

impl CircleWatch {
    /// Whether this link was seen before, as far as remembered.
    pub(crate) fn closes_with(&mut self, link: &str) -> bool {
        if self.remembered.as_deref() == Some(link) {
            return true;
        }
        if self.steps == self.patience {
            self.remembered = Some(link.to_owned());
            self.patience = (2 * self.patience).max(1);
            self.steps = 0;
        }
        self.steps += 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{CircleWatch, resolve};
    use acs_auth::Endpoint;

    const ENDPOINT: &str = "http://localhost:7777";

    fn resolved(link: &str) -> Result<String, String> {
        let endpoint = Endpoint::parse(ENDPOINT).expect("endpoint");
        resolve(&endpoint, link).map(|url| url.to_string())
    }

    #[test]
    fn relative_and_absolute_links_of_the_same_origin_are_followed() {
        for (link, rest) in [
            (
                "/routing/jobs?continuationToken=a%2Bb",
                "/routing/jobs?continuationToken=a%2Bb",
            ),
            ("routing/jobs?x=1", "/routing/jobs?x=1"),
            ("http://localhost:7777/routing/jobs", "/routing/jobs"),
            ("HTTP://LOCALHOST:7777/routing/jobs", "/routing/jobs"),
            ("//localhost:7777/routing/jobs", "/routing/jobs"),
            (
                "/routing/jobs?x=http://evil.example/",
                "/routing/jobs?x=http://evil.example/",
            ),
            ("/routing/jobs#end", "/routing/jobs"),
        ] {
            assert_eq!(resolved(link), Ok(format!("{ENDPOINT}{rest}")), "{link}");
        }
    }

    #[test]
    fn links_to_elsewhere_are_refused_however_they_are_disguised() {
        for link in [
            "http://evil.example/routing/jobs",
            "https://localhost:7777/routing/jobs",
            "http://localhost/routing/jobs",
            "http://localhost:7778/routing/jobs",
            "http://localhost.evil.example:7777/",
            "http://localhost:7777@evil.example/",
            "http://localhost%3A7777@evil.example/",
            "http://evil.example#@localhost:7777/",
            "//evil.example/routing/jobs",
            "\\\\evil.example\\routing\\jobs",
            "/\\evil.example/routing/jobs",
            "http:\\\\evil.example/",
            "/\t/evil.example/",
            " //evil.example/",
            "ht\ntp://evil.example/",
            "file:///etc/passwd",
            "data:text/plain,x",
            "javascript:x",
        ] {
            let reason = resolved(link).expect_err(link);
            assert!(reason.contains("leads to"), "{link:?}: {reason}");
        }
    }

    #[test]
    fn links_with_credentials_or_without_sense_are_refused() {
        for (link, part) in [
            ("http://user@localhost:7777/", "user name"),
            ("http://:word@localhost:7777/", "password"),
            ("http://[::1/", "not a URL"),
            ("http://", "not a URL"),
            ("///evil.example/", "not a URL"),
            ("http://localhost:7777.evil.example/", "not a URL"),
        ] {
            let reason = resolved(link).expect_err(link);
            assert!(reason.contains(part), "{link:?}: {reason}");
            assert!(!reason.contains("word@"), "{reason}");
        }
    }

    fn links_until_the_circle_is_noticed(lead: usize, circle: usize) -> usize {
        let mut watch = CircleWatch::default();
        let link = |step: usize| match step {
            step if step < lead => step,
            step => lead + (step - lead) % circle,
        };
        (0..)
            .position(|step| watch.closes_with(&link(step).to_string()))
            .expect("endless")
    }

    #[test]
    fn a_circle_of_any_length_is_noticed_within_three_times_its_length() {
        assert_eq!(links_until_the_circle_is_noticed(0, 1), 1);
        for (lead, circle) in [(0, 2), (3, 1), (1, 7), (20, 5), (100, 100)] {
            let links = links_until_the_circle_is_noticed(lead, circle);
            assert!(links <= 3 * (lead + circle), "{lead} {circle}: {links}");
        }
    }

    #[test]
    fn a_million_different_links_are_no_circle() {
        let mut watch = CircleWatch::default();
        assert!((0..1_000_000).all(|step: u32| !watch.closes_with(&step.to_string())));
    }
}
