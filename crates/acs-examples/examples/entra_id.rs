//! Access without a key: an application that signs in with Microsoft Entra ID.
//!
//! The credential here asks the token endpoint itself, which shows what a credential is. Programs on Azure take one of the
//! crate `azure_identity` instead, through the feature `azure-core`. Against a resource, it reads `AZURE_TENANT_ID`,
//! `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`, and the endpoint from `AZURE_COMMUNICATION_SERVICE_ENDPOINT`.

use std::env;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use acs_examples::Target;
use acs_identity::{
    AccessToken, AuthError, ConnectionString, IdentityClient, Secret, TokenCredential, TokenScope,
};
use acs_jobrouter::JobRouterClient;
use async_trait::async_trait;
use serde_json::Value;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let application = Arc::new(Application::find(&target)?);

    let identity = IdentityClient::new(target.endpoint()?, Arc::clone(&application))?;
    let user = identity.create_user().await?;
    let token = identity.issue_token(&user, [TokenScope::Chat]).await?;
    println!(
        "The application has made a user, and a token of {} characters",
        token.secret().expose().len()
    );
    identity.delete_user(&user).await?;

    let router = JobRouterClient::new(target.endpoint()?, application)?;
    let job = router.get_job_opt("no-such-job").await?;
    println!("The job router knows it, too: {}", job.is_none());

    target.finish().await;
    Ok(())
}

/// An application that is registered in a tenant.
struct Application {
    authority: String,
    client_id: String,
    secret: Secret,
}

impl Application {
    /// That of the environment, or one that the emulator takes: there the access key is everybody's secret.
    fn find(target: &Target) -> anyhow::Result<Self> {
        if target.is_emulator() {
            let connection = target.connection_string();
            let (_, key) = connection.rsplit_once("accesskey=").unwrap_or_default();
            let endpoint = ConnectionString::parse(connection)?;
            return Ok(Self {
                authority: format!("{}/contoso", endpoint.endpoint()),
                client_id: "my-app".to_owned(),
                secret: Secret::new(key),
            });
        }
        let tenant = env::var("AZURE_TENANT_ID")?;
        Ok(Self {
            authority: format!("https://login.microsoftonline.com/{tenant}"),
            client_id: env::var("AZURE_CLIENT_ID")?,
            secret: Secret::new(env::var("AZURE_CLIENT_SECRET")?),
        })
    }

    async fn ask(&self, scopes: &[&str]) -> reqwest::Result<Value> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.secret.expose()),
            ("scope", &scopes.join(" ")),
        ];
        let url = format!("{}/oauth2/v2.0/token", self.authority);
        let answer = reqwest::Client::new().post(url).form(&form).send().await?;
        answer.error_for_status()?.json().await
    }
}

#[async_trait]
impl TokenCredential for Application {
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError> {
        let asked = SystemTime::now();
        let answer = self.ask(scopes).await;
        let answer = answer.map_err(|error| AuthError::with_source("no token", error))?;
        let parts = answer["access_token"]
            .as_str()
            .zip(answer["expires_in"].as_u64());
        let Some((token, seconds)) = parts else {
            return Err(AuthError::new("the answer has no token"));
        };
        let expires_on = asked + Duration::from_secs(seconds);
        Ok(AccessToken::new(token, expires_on.into()))
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Application")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
