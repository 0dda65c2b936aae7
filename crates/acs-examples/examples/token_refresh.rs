//! A chat client that outlives its tokens: it fetches the next one by itself.

use std::time::Duration;

use acs_chat::{ChatClient, UserTokenCredential};
use acs_examples::Target;
use acs_identity::TokenScope;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let identity = target.identity()?;
    let user = identity.create_user().await?;

    // On a device, this function would ask your server. It is called when a token is needed and the last one has expired.
    let (fetcher, owner) = (identity.clone(), user.into_inner());
    let refused = owner.clone();
    let fetch = move || {
        let (identity, user) = (fetcher.clone(), owner.clone());
        async move {
            let hour = Duration::from_secs(60 * 60);
            let token = identity.issue_token(&user, [TokenScope::Chat]);
            let token = token.lifetime(hour).await?;
            println!("A token for an hour was issued");
            Ok::<_, acs_identity::Error>(token.secret().expose().to_owned())
        }
    };
    let credential: UserTokenCredential = UserTokenCredential::refreshing(fetch).into();
    let chat = ChatClient::new(target.endpoint()?, credential.clone())?;

    let created = chat.create_thread("Refreshing").await?;
    let thread = chat.thread_client(&created.thread.id);
    for text in ["one token", "serves", "many calls"] {
        thread.send_message(text).await?;
    }

    // Somebody takes the tokens back before their time. The client is told so, and asks for another one when it should.
    identity.revoke_tokens(&refused).await?;
    match thread.send_message("revoked").await {
        Err(error) if error.is_unauthorized() => println!("The token was refused"),
        other => anyhow::bail!("expected a refusal, and got {other:?}"),
    }
    credential.forget_token();
    thread.send_message("and here we are again").await?;

    chat.delete_thread(thread.thread_id()).await?;
    identity.delete_user(&refused).await?;
    target.finish().await;
    Ok(())
}
