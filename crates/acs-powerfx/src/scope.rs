//! The labels that the names in an expression stand for.

use acs_types::{LabelValue, Labels};

use crate::name::Name;

/// What the names of an expression stand for: `job.Priority` is the label `Priority` of the labels bound as `job`.
///
/// A label that the bound labels lack reads as blank. A name of which the first part is not bound is an error, so that a
/// slip of the pen does not pass for a missing label.
///
/// ```
/// use acs_powerfx::{Expression, Scope, Value};
/// use acs_types::Labels;
///
/// let job = Labels::from([("Priority".to_owned(), 5.into())]);
/// let tags = Labels::from([("Source".to_owned(), "web".into())]);
/// let scope = Scope::new().bind("job", &job).bind("job.tags", &tags);
///
/// let rule = Expression::parse(r#"If(job.tags.Source = "web" && !job.Vip, job.Priority + 1)"#)?;
/// assert_eq!(rule.evaluate(&scope)?, Value::Number(6.into()));
///
/// let error = Expression::parse("jobs.Priority")?.evaluate(&scope).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the name jobs.Priority is not known here, only those that begin with job, job.tags, at line 1, column 1",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scope<'a> {
    bindings: Vec<(&'a str, &'a Labels)>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning<'a> {
    Label(&'a LabelValue),
    /// The labels are bound, and this one is not among them.
    Missing,
    /// The labels as a whole, which are no value.
    Group,
    Unknown,
}

impl<'a> Scope<'a> {
    /// A scope without names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds labels under a name, which may have dots; the same name bound again replaces the former.
    #[must_use]
    pub fn bind(mut self, name: &'a str, labels: &'a Labels) -> Self {
        self.bindings.retain(|(bound, _)| *bound != name);
        self.bindings.push((name, labels));
        self
    }

    /// The names that labels are bound under.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.bindings.iter().map(|(name, _)| *name)
    }

    pub(crate) fn meaning(&self, name: &Name) -> Meaning<'a> {
        let mut meaning = Meaning::Unknown;
        for (bound, labels) in &self.bindings {
            match remainder(name.parts(), bound) {
                Some([key]) => match labels.get(key) {
                    Some(value) => return Meaning::Label(value),
                    None if meaning == Meaning::Unknown => meaning = Meaning::Missing,
                    None => {}
                },
                Some(_) => {}
                None if leads_to(name.parts(), bound) => meaning = Meaning::Group,
                None => {}
            }
        }
        meaning
    }
}

/// The parts of the name behind the bound one, if the name begins with it and goes on.
fn remainder<'n>(parts: &'n [String], bound: &str) -> Option<&'n [String]> {
    let mut rest = parts;
    for expected in bound.split('.') {
        let (part, behind) = rest.split_first()?;
        if part != expected {
            return None;
        }
        rest = behind;
    }
    (!rest.is_empty()).then_some(rest)
}

/// Whether the name is the bound one or stands before it.
fn leads_to(parts: &[String], bound: &str) -> bool {
    let mut expected = bound.split('.');
    parts
        .iter()
        .all(|part| expected.next() == Some(part.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Scope};
    use crate::name::Name;
    use acs_types::{LabelValue, Labels};

    fn meaning<'a>(scope: &Scope<'a>, name: &str) -> Meaning<'a> {
        scope.meaning(&Name::new(name.split('.').map(str::to_owned).collect()))
    }

    #[test]
    fn names_mean_labels_groups_or_nothing() {
        let job = Labels::from([("X".to_owned(), LabelValue::from(1))]);
        let tags = Labels::from([("X".to_owned(), LabelValue::from(2))]);
        let scope = Scope::new().bind("job", &job).bind("job.tags", &tags);
        assert_eq!(meaning(&scope, "job.X"), Meaning::Label(&1.into()));
        assert_eq!(meaning(&scope, "job.tags.X"), Meaning::Label(&2.into()));
        assert_eq!(meaning(&scope, "job.Y"), Meaning::Missing);
        assert_eq!(meaning(&scope, "job.tags.Y"), Meaning::Missing);
        assert_eq!(meaning(&scope, "job"), Meaning::Group);
        assert_eq!(meaning(&scope, "job.tags"), Meaning::Group);
        assert_eq!(meaning(&scope, "job.X.Y"), Meaning::Unknown);
        assert_eq!(meaning(&scope, "Job.X"), Meaning::Unknown);
        assert_eq!(meaning(&scope, "X"), Meaning::Unknown);
        assert_eq!(meaning(&Scope::new(), "job.X"), Meaning::Unknown);
        let reversed = Scope::new().bind("job.tags", &tags).bind("job", &job);
        assert_eq!(meaning(&reversed, "job.tags"), Meaning::Group);
        assert_eq!(meaning(&reversed, "job.tags.X"), Meaning::Label(&2.into()));
    }

    #[test]
    fn binding_a_name_again_replaces_the_labels() {
        let former = Labels::from([("X".to_owned(), LabelValue::from(1))]);
        let latter = Labels::from([("Y".to_owned(), LabelValue::from(2))]);
        let scope = Scope::new().bind("job", &former).bind("job", &latter);
        assert_eq!(meaning(&scope, "job.X"), Meaning::Missing);
        assert_eq!(meaning(&scope, "job.Y"), Meaning::Label(&2.into()));
    }
}
