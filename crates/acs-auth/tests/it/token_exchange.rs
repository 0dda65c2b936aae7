//! User tokens in exchange for Microsoft Entra tokens.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use acs_auth::{
    AccessToken, AuthError, COMMUNICATION_CLIENTS_SCOPE, RESOURCE_SCOPE, TEAMS_EXTENSION_SCOPE,
    TokenCredential, TokenExchange, TokenExchanger, UserTokenCredential,
};
use async_trait::async_trait;
use tokio::task::{JoinSet, yield_now};

use crate::support::second;

/// Gives its tokens in turn, the last one for ever, and remembers what it was asked for.
#[derive(Debug)]
struct Entra {
    tokens: Mutex<VecDeque<Result<(&'static str, u64), &'static str>>>,
    scopes: Mutex<Vec<Vec<String>>>,
}

impl Entra {
    fn giving<const N: usize>(tokens: [Result<(&'static str, u64), &'static str>; N]) -> Arc<Self> {
        Arc::new(Self {
            tokens: Mutex::new(tokens.into()),
            scopes: Mutex::default(),
        })
    }

    fn times_asked(&self) -> usize {
        self.scopes.lock().unwrap().len()
    }
}

#[async_trait]
impl TokenCredential for Entra {
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.scopes.lock().unwrap().push(scopes);
        let mut tokens = self.tokens.lock().unwrap();
        let token = match tokens.len() {
            1 => tokens[0],
            _ => tokens.pop_front().unwrap(),
        };
        let (text, expires) = token.map_err(AuthError::new)?;
        Ok(AccessToken::new(text, second(expires)))
    }
}

/// The service: answers `acs for <token>` that expires with the token, and remembers what was exchanged.
#[derive(Debug, Default)]
struct Identity {
    exchanged: Mutex<Vec<(TokenExchange, String)>>,
}

impl Identity {
    fn tokens(&self) -> Vec<String> {
        let exchanged = self.exchanged.lock().unwrap();
        exchanged.iter().map(|(_, token)| token.clone()).collect()
    }
}

#[async_trait]
impl TokenExchanger for Identity {
    async fn exchange(
        &self,
        exchange: TokenExchange,
        entra_token: &AccessToken,
    ) -> Result<AccessToken, AuthError> {
        let text = entra_token.secret().expose().to_owned();
        self.exchanged
            .lock()
            .unwrap()
            .push((exchange, text.clone()));
        yield_now().await;
        if text == "refused" {
            return Err(AuthError::new("the service answered 401"));
        }
        Ok(AccessToken::new(
            format!("acs for {text}"),
            entra_token.expires_on(),
        ))
    }
}

fn credential(entra: &Arc<Entra>, identity: &Arc<Identity>) -> UserTokenCredential {
    UserTokenCredential::from_entra(entra.clone(), &[TEAMS_EXTENSION_SCOPE], identity.clone())
        .unwrap()
        .build()
}

async fn text(credential: &UserTokenCredential, now: u64) -> String {
    match credential.token(second(now)).await {
        Ok(token) => token.secret().expose().to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_token_of_the_scopes_is_exchanged_the_way_the_scopes_say() {
    for (scopes, exchange) in [
        (
            [
                COMMUNICATION_CLIENTS_SCOPE,
                "https://communication.azure.com/clients/VoIP",
            ],
            TokenExchange::CommunicationClients,
        ),
        (
            [
                TEAMS_EXTENSION_SCOPE,
                "https://auth.msft.communication.azure.us/x",
            ],
            TokenExchange::TeamsExtension,
        ),
    ] {
        let (entra, identity) = (Entra::giving([Ok(("one", 3600))]), Arc::default());
        let credential =
            UserTokenCredential::from_entra(entra.clone(), &scopes, Arc::clone(&identity) as _)
                .unwrap()
                .build();
        assert_eq!(text(&credential, 0).await, "acs for one");
        assert_eq!(*entra.scopes.lock().unwrap(), [scopes]);
        let identity: &Identity = &identity;
        assert_eq!(
            *identity.exchanged.lock().unwrap(),
            [(exchange, "one".to_owned())]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn scopes_of_no_exchange_are_refused_before_anything_is_asked() {
    let (entra, identity) = (Entra::giving([]), Arc::new(Identity::default()));
    let outcome =
        UserTokenCredential::from_entra(entra.clone(), &[RESOURCE_SCOPE], identity.clone());
    assert!(outcome.unwrap_err().to_string().contains(RESOURCE_SCOPE));
    assert_eq!((entra.times_asked(), identity.tokens().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_exchanged_again_only_when_it_is_another_one() {
    let entra = Entra::giving([Ok(("one", 3600)), Ok(("one", 3600)), Ok(("two", 7200))]);
    let identity = Arc::default();
    let credential = credential(&entra, &identity);
    for (now, expected, asked, exchanged) in [
        (0, "acs for one", 1, 1),
        (3479, "acs for one", 1, 1),
        (3480, "acs for one", 2, 1), // The same token, 120 s before its end: the next try is 60 s later.
        (3539, "acs for one", 2, 1),
        (3540, "acs for two", 3, 2),
    ] {
        assert_eq!(text(&credential, now).await, expected, "{now}");
        assert_eq!(entra.times_asked(), asked, "{now}");
        assert_eq!(identity.tokens().len(), exchanged, "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_user_token_has_expired_the_same_token_is_exchanged_again() {
    let entra = Entra::giving([Ok(("one", 3600))]);
    let identity = Arc::default();
    let credential = credential(&entra, &identity);
    text(&credential, 0).await;
    assert_eq!(
        text(&credential, 3600).await,
        "error: the token exchange gave a token that has expired already"
    );
    assert_eq!(identity.tokens(), ["one", "one"]);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_share_one_exchange() {
    let entra = Entra::giving([Ok(("one", 3600))]);
    let identity = Arc::default();
    let credential = credential(&entra, &identity);
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let credential = credential.clone();
        callers.spawn(async move { text(&credential, 0).await });
    }
    assert!(
        callers
            .join_all()
            .await
            .iter()
            .all(|text| text == "acs for one")
    );
    assert_eq!(identity.tokens(), ["one"]);
    assert_eq!(entra.times_asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn failures_of_either_side_reach_the_caller_and_are_not_kept() {
    let entra = Entra::giving([
        Err("sign-in was cancelled"),
        Ok(("refused", 3600)),
        Ok(("one", 3600)),
    ]);
    let identity = Arc::default();
    let credential = credential(&entra, &identity);
    assert_eq!(text(&credential, 0).await, "error: sign-in was cancelled");
    assert_eq!(
        text(&credential, 10).await,
        "error: the service answered 401"
    );
    assert_eq!(text(&credential, 20).await, "acs for one");
    assert_eq!(identity.tokens(), ["refused", "one"]);
}
