//! What a rule is evaluated on: labels of the job and of a worker, and the job's selectors.

use acs_powerfx::Scope;
use acs_types::Labels;
use serde_json::{Map, Value, json};

use crate::labels::LabelMap;
use crate::selector::WorkerSelector;

/// The parameters of a rule. Expressions see what is bound as `job` and `worker`; calls send all of it (R75, R98).
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    job: Option<Labels>,
    worker: Option<Labels>,
    selectors: Option<Value>,
}

impl Parameters {
    /// With the labels of a job.
    pub(crate) fn of_job(labels: &LabelMap) -> Self {
        Self {
            job: Some(labels.to_labels()),
            ..Self::default()
        }
    }

    /// Takes the labels of a worker, in the place of those of the worker before.
    pub(crate) fn bind_worker(&mut self, labels: &LabelMap) {
        self.worker = Some(labels.to_labels());
    }

    /// Takes the selectors of the job, as calls send them: no expression can read them.
    pub(crate) fn bind_selectors<'a>(
        &mut self,
        selectors: impl Iterator<Item = &'a WorkerSelector>,
    ) {
        self.selectors = Some(selectors.map(selector_json).collect());
    }

    /// The job's labels; none if no job is bound.
    pub(crate) fn job(&self) -> &Labels {
        static NONE: Labels = Labels::new();
        self.job.as_ref().unwrap_or(&NONE)
    }

    pub(super) fn scope(&self) -> Scope<'_> {
        let bound = [("job", &self.job), ("worker", &self.worker)];
        let bound = bound
            .into_iter()
            .filter_map(|(name, labels)| labels.as_ref().map(|labels| (name, labels)));
        bind(bound)
    }

    /// The body of a call: what is bound, by its name.
    pub(crate) fn to_json(&self) -> Value {
        let job = self.job.as_ref().map(|job| json!(job));
        let worker = self.worker.as_ref().map(|worker| json!(worker));
        let members = [
            ("job", job),
            ("worker", worker),
            ("selectors", self.selectors.clone()),
        ];
        let bound = members
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
        Value::Object(bound.collect::<Map<_, _>>())
    }
}

/// The scope of an expression in which these names stand for these labels.
pub(crate) fn scope_of<'l>(bound: &'l [(&'l str, Labels)]) -> Scope<'l> {
    bind(bound.iter().map(|(name, labels)| (*name, labels)))
}

fn bind<'l>(bound: impl Iterator<Item = (&'l str, &'l Labels)>) -> Scope<'l> {
    bound.fold(Scope::new(), |scope, (name, labels)| {
        scope.bind(name, labels)
    })
}

fn selector_json(selector: &WorkerSelector) -> Value {
    let mut json = json!({"key": selector.key, "operator": selector.label_operator});
    if let Some(value) = &selector.value {
        json["value"] = json!(value);
    }
    if let Some(seconds) = selector.expires_after_seconds {
        json["expiresAfterSeconds"] = json!(seconds);
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::Reader;

    // R75, R98
    #[test]
    fn a_call_sends_what_is_bound_and_nothing_else() {
        let labels = |json: &Value| {
            LabelMap::default()
                .merged(&mut Reader::default(), json)
                .expect("labels")
        };
        let mut parameters = Parameters::of_job(&labels(&json!({"Level": 3})));
        assert_eq!(parameters.to_json(), json!({"job": {"Level": 3}}));
        let selector = json!({
            "key": "Skill", "labelOperator": "greaterThan", "value": 5, "expiresAfterSeconds": 60,
        });
        let selector = WorkerSelector::read(&mut Reader::default(), &selector).expect("a selector");
        parameters.bind_worker(&labels(&json!({"Id": "w"})));
        parameters.bind_selectors([selector].iter());
        assert_eq!(
            parameters.to_json(),
            json!({
                "job": {"Level": 3},
                "worker": {"Id": "w"},
                "selectors": [{
                    "key": "Skill", "operator": "greaterThan", "value": 5, "expiresAfterSeconds": 60,
                }],
            })
        );
    }
}
