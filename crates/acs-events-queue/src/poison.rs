//! What a message of the poison queue says.

use acs_events::publish::LARGEST_MESSAGE;
use serde_json::json;

/// The most of a reason that is kept.
const LONGEST_REASON: usize = 1_024;

/// A message of the poison queue: JSON with the text as it was, and why it is there.
///
/// A text that leaves no room for the rest goes alone; the reason is in the log then.
pub(crate) fn poison_text(
    text: &str,
    reason: &str,
    message_id: &str,
    dequeue_count: i64,
    inserted_on: Option<&str>,
) -> String {
    let reason: String = reason.chars().take(LONGEST_REASON).collect();
    let poison = json!({
        "reason": reason,
        "messageId": message_id,
        "dequeueCount": dequeue_count,
        "insertedOn": inserted_on,
        "text": text,
    })
    .to_string();
    if poison.len() > LARGEST_MESSAGE {
        return text.to_owned();
    }
    poison
}

#[cfg(test)]
mod tests {
    use super::poison_text;

    #[test]
    fn the_text_stays_as_it_was_beside_the_reason() {
        let text = poison_text("e30=\n\"<&", &"r".repeat(5_000), "m", 5, None);
        let poison: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(poison["text"], "e30=\n\"<&");
        assert_eq!(poison["dequeueCount"], 5);
        assert_eq!(poison["reason"].as_str().map(str::len), Some(1_024));
    }

    #[test]
    fn a_text_without_room_for_a_reason_goes_alone() {
        let long = "x".repeat(65_500);
        assert_eq!(poison_text(&long, "r", "m", 5, None), long);
    }
}
