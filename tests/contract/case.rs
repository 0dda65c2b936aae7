//! A call, the request it must send, the answer to that, and what the program gets: one entry of the table.

use acs_jobrouter::{JobRouterClient, Pager, Response, Result, Timestamp};
use acs_test_support::{AcsMockServer, Expectation};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryFutureExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use serde_json::{Map, Value, json};
use wiremock::Request;

use crate::client;
use crate::coverage::{Coverage, Facts};

/// Everything is written by hand from the fact tables, but for what the program gets: that must hold all of the answer.
pub(crate) struct CaseOf<C> {
    pub(crate) name: &'static str,
    pub(crate) request: fn(&AcsMockServer) -> Expectation<'_>,
    pub(crate) answer: Answer,
    pub(crate) call: fn(C) -> BoxFuture<'static, Result<Given>>,
}

/// A case of the job router.
pub(crate) type Case = CaseOf<JobRouterClient>;

/// A success, as the service writes it.
pub(crate) struct Answer {
    status: u16,
    pub(crate) body: Value,
}

pub(crate) fn ok(body: Value) -> Answer {
    Answer { status: 200, body }
}

/// The first of two pages of a list, of which the second is empty.
pub(crate) fn page(collection: &str, items: Value) -> Answer {
    page_at(&format!("/routing/{collection}"), items)
}

/// The same of the list at this path.
pub(crate) fn page_at(path: &str, items: Value) -> Answer {
    let next_link = format!("{path}?{NEXT_PAGE}");
    ok(json!({"value": items, "nextLink": next_link}))
}

const NEXT_PAGE: &str = "continuationToken=next";

pub(crate) fn created(body: Value) -> Answer {
    Answer { status: 201, body }
}

pub(crate) fn no_content() -> Answer {
    Answer {
        status: 204,
        body: Value::Null,
    }
}

/// What the program got.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) model: Value,
    pub(crate) was_created: Option<bool>,
}

/// Makes the call and writes the model down again.
pub(crate) fn shown<T: Serialize>(
    call: impl IntoFuture<Output = Result<Response<T>>, IntoFuture: Send + 'static>,
) -> BoxFuture<'static, Result<Given>> {
    call.into_future()
        .map_ok(|response| Given {
            was_created: Some(response.was_created()),
            model: serde_json::to_value(response.into_inner()).expect("models are JSON"),
        })
        .boxed()
}

/// Reads the list to its end and writes it down as one page.
pub(crate) fn listed<T: Serialize + Send + 'static>(
    list: Pager<T>,
) -> BoxFuture<'static, Result<Given>> {
    list.try_collect::<Vec<_>>()
        .map_ok(|items| Given {
            was_created: None,
            model: json!({ "value": items }),
        })
        .boxed()
}

/// Which client makes the call, and what of the stub it can reach.
pub(crate) trait Called: Sized {
    fn of(server: &AcsMockServer) -> Self;

    /// The request of a next page.
    fn get<'a>(server: &'a AcsMockServer, path: &str) -> Expectation<'a>;
}

impl Called for JobRouterClient {
    fn of(server: &AcsMockServer) -> Self {
        client(server)
    }

    fn get<'a>(server: &'a AcsMockServer, path: &str) -> Expectation<'a> {
        server.expect("GET", path)
    }
}

impl<C: Called> CaseOf<C> {
    /// Makes the call against a stub of its own and gives the requests that arrived there.
    pub(crate) async fn run(&self) -> Vec<Request> {
        let Answer { status, body } = &self.answer;
        let server = AcsMockServer::start().await;
        let expectation = (self.request)(&server);
        match body {
            Value::Null => expectation.answer_empty(*status).mount().await,
            body => expectation.answer(*status, body).mount().await,
        }
        if let Some(link) = body["nextLink"].as_str() {
            follow::<C>(&server, link).await;
        }

        let given = (self.call)(C::of(&server))
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));

        if let Some(was_created) = given.was_created {
            assert_eq!(was_created, *status == 201, "{}", self.name);
        }
        let lost = lost("", body, &given.model);
        assert_eq!(lost, Vec::<String>::new(), "{}: {given:#?}", self.name);
        let requests = server.requests().await;
        server.verify().await;
        requests
    }
}

/// Runs all cases, which must leave out nothing that the facts know.
pub(crate) async fn run_all<C: Called>(cases: &[CaseOf<C>], facts: &'static Facts) {
    const AT_A_TIME: usize = 8;
    let exchanges: Vec<_> = stream::iter(cases)
        .map(async |case| (case.run().await, &case.answer.body))
        .buffered(AT_A_TIME)
        .collect()
        .await;

    let mut seen = Coverage::new(facts);
    for (requests, answer) in &exchanges {
        for request in requests {
            seen.exchange(request, answer);
        }
    }
    let wanted = Coverage::of_all(facts);
    let missing: Vec<_> = wanted.lines.difference(&seen.lines).collect();
    assert!(missing.is_empty(), "no case has {missing:#?}");
    let undocumented: Vec<_> = seen
        .lines
        .iter()
        .filter(|line| line.ends_with("which there is not"))
        .collect();
    assert!(undocumented.is_empty(), "{undocumented:#?}");
}

/// Expects the second page to be asked for as the link says, with the api-version and nothing of the first.
async fn follow<C: Called>(server: &AcsMockServer, link: &str) {
    let (path, query) = link.split_once('?').expect("a link with a query");
    let (name, value) = query.split_once('=').expect("one parameter");
    let next = C::get(server, path).query(name, value);
    next.answer(200, &json!({"value": []})).mount().await;
}

/// Links are followed, and identifiers are enums, of which the kind is the variant.
fn is_left_out(name: &str, object: &Map<String, Value>) -> bool {
    name == "nextLink" || (name == "kind" && object.contains_key("rawId"))
}

/// Where the model does not hold what the answer said; null says nothing, and links are followed rather than given.
fn lost(path: &str, answer: &Value, model: &Value) -> Vec<String> {
    let is_kept = match (answer, model) {
        (Value::Null, _) => true,
        (Value::Object(said), Value::Object(_)) => {
            return said
                .iter()
                .filter(|(name, _)| !is_left_out(name, said))
                .flat_map(|(name, said)| lost(&format!("{path}.{name}"), said, &model[name]))
                .collect();
        }
        (Value::Array(said), Value::Array(kept)) if said.len() == kept.len() => {
            return said
                .iter()
                .zip(kept)
                .flat_map(|(said, kept)| lost(&format!("{path}[]"), said, kept))
                .collect();
        }
        // The service writes whole doubles without a fraction.
        (Value::Number(said), Value::Number(kept)) => said.as_f64() == kept.as_f64(),
        (Value::String(said), Value::String(kept)) => said == kept || is_same_time(said, kept),
        (said, kept) => said == kept,
    };
    if is_kept {
        Vec::new()
    } else {
        vec![format!("{path}: {answer} became {model}")]
    }
}

/// Services write times in several forms.
fn is_same_time(one: &str, other: &str) -> bool {
    matches!((Timestamp::parse(one), Timestamp::parse(other)), (Ok(one), Ok(other)) if one == other)
}

#[test]
fn what_a_model_loses_is_found_at_any_depth() {
    let answer = json!({"a": [{"b": 1}, {"b": null}], "c": 2});
    let keeps = json!({"a": [{"b": 1.0}, {}], "c": 2, "d": 3});
    assert_eq!(lost("", &answer, &keeps), Vec::<String>::new());
    for (loses, path) in [
        (json!({"a": [{}, {}], "c": 2}), ".a[].b: 1 became null"),
        (json!({"a": [{"b": 1}], "c": 2}), ".a: "),
        (json!({"a": [{"b": 1}, {}]}), ".c: 2 became null"),
        (json!({"a": [{"b": 1}, {}], "c": "2"}), ".c: 2 became \"2\""),
    ] {
        let found = lost("", &answer, &loses);
        assert!(
            matches!(&found[..], [one] if one.starts_with(path)),
            "{found:?}"
        );
    }
}
