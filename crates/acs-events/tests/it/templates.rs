//! The deployment templates, checked without Azure: expressions are computed with a few functions that give the same whenever they
//! are called, so that a template that needs another one fails here.

mod expression;
mod template;

use std::collections::BTreeSet;

use acs_events::event_types::EVENT_TYPES;
use serde_json::{Value, json};

use self::template::{Deployed, Template};

/// Types of events that the subscriptions leave out, as does the guide that the templates follow.
const LEFT_OUT: [&str; 2] = [
    "Microsoft.Communication.RouterJobDeleted",
    "Microsoft.Communication.RouterWorkerDeleted",
];

fn queue() -> Template {
    Template::read("router-events-queue.json").with(&[
        ("azureCommunicationServicesResourceName", "contoso"),
        ("systemTopicName", "contoso-topic"),
    ])
}

fn webhook() -> Template {
    Template::read("router-events-webhook.json").with(&[
        ("azureCommunicationServicesResourceName", "contoso"),
        ("systemTopicName", "contoso-topic"),
        ("webhookUrl", "https://example.com/events?code=secret"),
    ])
}

fn subscription(deployed: &Deployed) -> &Value {
    deployed
        .iter()
        .find(|(id, _)| id.contains("/eventSubscriptions/"))
        .map(|(_, resource)| resource)
        .expect("a subscription")
}

#[test]
fn the_parameters_are_those_of_the_guide_with_its_defaults() {
    let template = Template::read("router-events-queue.json");
    let parameters = template.document["parameters"]
        .as_object()
        .expect("an object");
    let names: BTreeSet<_> = parameters.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        BTreeSet::from([
            "azureCommunicationServicesResourceName",
            "eventSubName",
            "queueName",
            "storageName",
            "systemTopicName"
        ])
    );
    for (name, default) in [
        ("azureCommunicationServicesResourceName", Value::Null),
        ("systemTopicName", Value::Null),
        ("eventSubName", json!("routerSubscription")),
        ("queueName", json!("router-events")),
        (
            "storageName",
            json!("[concat('storage', uniqueString(resourceGroup().id))]"),
        ),
    ] {
        assert_eq!(parameters[name]["defaultValue"], default, "{name}");
        assert!(
            parameters[name]["metadata"]["description"].is_string(),
            "{name}"
        );
    }
}

#[test]
fn all_types_of_router_events_but_the_deleted_ones_are_subscribed_to() {
    let expected: Vec<_> = EVENT_TYPES
        .iter()
        .filter(|known| known.family.starts_with("router"))
        .map(|known| known.name)
        .filter(|name| !LEFT_OUT.contains(name))
        .collect();
    assert_eq!(expected.len(), 20);
    for template in [queue(), webhook()] {
        let deployed = template.deploy(Deployed::new());
        let filter = &subscription(&deployed)["properties"]["filter"];
        assert_eq!(filter["includedEventTypes"], json!(expected));
    }
}

#[test]
fn resources_have_names_of_their_type_and_come_after_what_they_need() {
    for template in [queue(), webhook()] {
        template.check_names();
        let order = template.order();
        assert_eq!(order.len(), template.resources().len());
        let subscription = order.last().expect("resources");
        assert!(subscription.contains("/eventSubscriptions/"), "{order:?}");
    }
}

#[test]
fn the_queue_is_there_before_the_subscription_that_uses_it() {
    let template = queue();
    let needs = template.needs("Microsoft.EventGrid/systemTopics/eventSubscriptions");
    assert!(
        needs.iter().any(|id| id.ends_with("/queues/router-events")),
        "{needs:?}"
    );
    assert!(
        needs
            .iter()
            .any(|id| id.ends_with("/systemTopics/contoso-topic")),
        "{needs:?}"
    );
}

#[test]
fn a_second_deployment_changes_nothing() {
    for template in [queue(), webhook()] {
        let once = template.deploy(Deployed::new());
        assert_eq!(template.deploy(once.clone()), once);
    }
}

#[test]
fn what_exists_already_stays_where_it_is() {
    let once = queue().deploy(Deployed::new());
    let both = webhook()
        .with(&[("eventSubName", "another")])
        .deploy(once.clone());
    let added: Vec<_> = both.keys().filter(|id| !once.contains_key(*id)).collect();
    assert_eq!(added.len(), 1, "the topic is shared: {added:?}");
    for (id, resource) in &once {
        assert_eq!(&both[id], resource);
    }
}

#[test]
fn the_secret_of_the_webhook_is_not_kept_in_the_history_of_deployments() {
    let template = Template::read("router-events-webhook.json");
    assert_eq!(
        template.document["parameters"]["webhookUrl"]["type"],
        "securestring"
    );
    let deployed = webhook().deploy(Deployed::new());
    let destination = &subscription(&deployed)["properties"]["destination"];
    assert_eq!(
        destination["properties"]["endpointUrl"],
        "https://example.com/events?code=secret"
    );
}

#[test]
fn a_parameter_that_is_missing_or_unknown_is_noticed() {
    let incomplete = std::panic::catch_unwind(|| {
        Template::read("router-events-queue.json").deploy(Deployed::new())
    });
    assert!(incomplete.is_err());
    let unknown = std::panic::catch_unwind(|| queue().with(&[("nobody", "knows")]));
    assert!(unknown.is_err());
}
