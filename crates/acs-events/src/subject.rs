//! The subject of an event: its type's pattern, filled from its data.

use serde_json::Value;

/// The subject that the service gives an event with this data; `None` if the data lacks something that the pattern asks for.
///
/// `{job-id}` is the member `jobId`. `{rawId}` is the raw id of the identifier that the segment in front names: behind `sender` it
/// is that of `senderCommunicationIdentifier`, behind `participantAdded` that of the participant who was added.
pub(crate) fn subject(pattern: &str, data: &Value) -> Option<String> {
    let mut previous = "";
    let mut filled = Vec::new();
    for segment in pattern.split('/') {
        let value = match segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            None => segment,
            Some("rawId") => raw_id(previous, data)?,
            Some(name) => member(data, &name.replace('-', ""))?.as_str()?,
        };
        filled.push(value);
        previous = segment;
    }
    Some(filled.join("/"))
}

fn raw_id<'a>(role: &str, data: &'a Value) -> Option<&'a str> {
    let role = role
        .strip_suffix("CommunicationIdentifierRawId")
        .unwrap_or(role);
    let identifier = member(data, &format!("{role}CommunicationIdentifier"))
        .or_else(|| member(member(data, role)?, "participantCommunicationIdentifier"))?;
    member(identifier, "rawId")?.as_str()
}

/// A member by its name, whatever the letter case.
fn member<'a>(data: &'a Value, name: &str) -> Option<&'a Value> {
    let members = data.as_object()?;
    members
        .iter()
        .find(|(member, _)| member.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::subject;

    #[test]
    fn placeholders_are_filled_from_the_data() {
        let data = json!({
            "jobId": "j", "channelId": "c", "ruleKey": "r", "threadId": "t",
            "senderCommunicationIdentifier": {"rawId": "8:acs:s"},
            "participantAdded": {"participantCommunicationIdentifier": {"rawId": "8:acs:p"}}
        });
        for (pattern, filled) in [
            ("job/{job-id}/channel/{channel-id}", Some("job/j/channel/c")),
            (
                "job/{job-id}/exceptionrule/{rulekey}",
                Some("job/j/exceptionrule/r"),
            ),
            (
                "thread/{thread-id}/sender/{rawId}",
                Some("thread/t/sender/8:acs:s"),
            ),
            (
                "thread/{thread-id}/participantadded/{rawId}",
                Some("thread/t/participantadded/8:acs:p"),
            ),
            ("worker/{worker-id}", None),
            ("thread/{thread-id}/deletedBy/{rawId}", None),
        ] {
            assert_eq!(subject(pattern, &data).as_deref(), filled, "{pattern}");
        }
    }
}
