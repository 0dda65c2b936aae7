//! People and applications in Microsoft Teams.

use super::CommunicationCloud;
use super::raw_id::{RawId, VISITOR_PREFIX};

/// A user of Microsoft Teams, signed in or not.
#[derive(Clone, Debug)]
pub struct MicrosoftTeamsUserIdentifier {
    user_id: String,
    is_anonymous: bool,
    cloud: CommunicationCloud,
    raw_id: RawId,
}

impl MicrosoftTeamsUserIdentifier {
    /// A user in the public cloud by their Microsoft Entra object id.
    pub fn new(user_id: impl Into<String>) -> Self {
        Self::in_public_cloud(user_id.into(), false)
    }

    /// A user who joined a meeting without signing in.
    pub fn anonymous(user_id: impl Into<String>) -> Self {
        Self::in_public_cloud(user_id.into(), true)
    }

    fn in_public_cloud(user_id: String, is_anonymous: bool) -> Self {
        let cloud = CommunicationCloud::Public;
        Self {
            raw_id: RawId::built(build_teams_user(&user_id, is_anonymous, &cloud)),
            user_id,
            is_anonymous,
            cloud,
        }
    }

    /// The same user in another cloud.
    #[must_use]
    pub fn in_cloud(self, cloud: CommunicationCloud) -> Self {
        Self {
            raw_id: self
                .raw_id
                .rebuilt(|| build_teams_user(&self.user_id, self.is_anonymous, &cloud)),
            cloud,
            ..self
        }
    }

    /// The Microsoft Entra object id; for the anonymous an id of the meeting.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// Whether the user joined without signing in.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.is_anonymous
    }

    /// The cloud that the user belongs to.
    #[must_use]
    pub fn cloud(&self) -> &CommunicationCloud {
        &self.cloud
    }

    /// The raw id, unless another was given: `8:orgid:`, `8:dod:` or `8:gcch:` and the user id; for the anonymous
    /// `8:teamsvisitor:` and the user id, whatever the cloud.
    #[must_use]
    pub fn raw_id(&self) -> &str {
        self.raw_id.as_str()
    }

    /// Gives a raw id other than the one built from the other members.
    #[must_use]
    pub fn with_raw_id(mut self, raw_id: impl Into<String>) -> Self {
        self.raw_id = RawId::given(raw_id.into());
        self
    }
}

fn build_teams_user(user_id: &str, is_anonymous: bool, cloud: &CommunicationCloud) -> String {
    if is_anonymous {
        format!("{VISITOR_PREFIX}{user_id}")
    } else {
        format!("8:{}:{user_id}", cloud.teams_part())
    }
}

/// An application in Microsoft Teams, such as a bot or a call queue.
#[derive(Clone, Debug)]
pub struct MicrosoftTeamsAppIdentifier {
    app_id: String,
    cloud: CommunicationCloud,
    raw_id: RawId,
}

impl MicrosoftTeamsAppIdentifier {
    /// An application in the public cloud.
    pub fn new(app_id: impl Into<String>) -> Self {
        let (app_id, cloud) = (app_id.into(), CommunicationCloud::Public);
        Self {
            raw_id: RawId::built(build_teams_app(&app_id, &cloud)),
            app_id,
            cloud,
        }
    }

    /// The same application in another cloud.
    #[must_use]
    pub fn in_cloud(self, cloud: CommunicationCloud) -> Self {
        Self {
            raw_id: self
                .raw_id
                .rebuilt(|| build_teams_app(&self.app_id, &cloud)),
            cloud,
            ..self
        }
    }

    /// The application's id in Microsoft Entra.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// The cloud that the application belongs to.
    #[must_use]
    pub fn cloud(&self) -> &CommunicationCloud {
        &self.cloud
    }

    /// The raw id, unless another was given: `28:orgid:`, `28:dod:` or `28:gcch:` and the application's id.
    #[must_use]
    pub fn raw_id(&self) -> &str {
        self.raw_id.as_str()
    }

    /// Gives a raw id other than the one built from the other members.
    #[must_use]
    pub fn with_raw_id(mut self, raw_id: impl Into<String>) -> Self {
        self.raw_id = RawId::given(raw_id.into());
        self
    }
}

fn build_teams_app(app_id: &str, cloud: &CommunicationCloud) -> String {
    format!("28:{}:{app_id}", cloud.teams_part())
}

/// A user of Microsoft Teams who works through a Communication Services resource.
#[derive(Clone, Debug)]
pub struct TeamsExtensionUserIdentifier {
    resource_id: String,
    tenant_id: String,
    user_id: String,
    cloud: CommunicationCloud,
    raw_id: RawId,
}

impl TeamsExtensionUserIdentifier {
    /// A user in the public cloud: the resource, the Microsoft Entra tenant and the user's object id in it, in the order
    /// of the raw id.
    pub fn new(
        resource_id: impl Into<String>,
        tenant_id: impl Into<String>,
        user_id: impl Into<String>,
    ) -> Self {
        let (resource_id, tenant_id, user_id) =
            (resource_id.into(), tenant_id.into(), user_id.into());
        let cloud = CommunicationCloud::Public;
        Self {
            raw_id: RawId::built(build_extension_user(
                &cloud,
                [&resource_id, &tenant_id, &user_id],
            )),
            resource_id,
            tenant_id,
            user_id,
            cloud,
        }
    }

    /// The same user in another cloud.
    #[must_use]
    pub fn in_cloud(self, cloud: CommunicationCloud) -> Self {
        Self {
            raw_id: self.raw_id.rebuilt(|| {
                build_extension_user(&cloud, [&self.resource_id, &self.tenant_id, &self.user_id])
            }),
            cloud,
            ..self
        }
    }

    /// The Communication Services resource.
    #[must_use]
    pub fn resource_id(&self) -> &str {
        &self.resource_id
    }

    /// The Microsoft Entra tenant of the user.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.tenant_id
    }

    /// The user's object id in the tenant.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The cloud that the resource belongs to.
    #[must_use]
    pub fn cloud(&self) -> &CommunicationCloud {
        &self.cloud
    }

    /// The raw id, unless another was given: `8:acs:`, `8:dod-acs:` or `8:gcch-acs:`, then resource, tenant and user with
    /// `_` between them.
    #[must_use]
    pub fn raw_id(&self) -> &str {
        self.raw_id.as_str()
    }

    /// Gives a raw id other than the one built from the other members.
    #[must_use]
    pub fn with_raw_id(mut self, raw_id: impl Into<String>) -> Self {
        self.raw_id = RawId::given(raw_id.into());
        self
    }
}

fn build_extension_user(cloud: &CommunicationCloud, ids: [&str; 3]) -> String {
    format!("8:{}:{}", cloud.resource_part(), ids.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_raw_id_wins_whatever_is_set_after_it() {
        let user = MicrosoftTeamsUserIdentifier::new("u")
            .with_raw_id("8:given")
            .in_cloud(CommunicationCloud::Dod);
        assert_eq!((user.raw_id(), user.cloud().as_str()), ("8:given", "dod"));
        let app = MicrosoftTeamsAppIdentifier::new("a")
            .with_raw_id("28:given")
            .in_cloud(CommunicationCloud::Gcch);
        assert_eq!(app.raw_id(), "28:given");
        let extension = TeamsExtensionUserIdentifier::new("r", "t", "u")
            .with_raw_id("8:given")
            .in_cloud(CommunicationCloud::Gcch);
        assert_eq!(extension.raw_id(), "8:given");
    }

    #[test]
    fn an_anonymous_teams_user_has_the_same_raw_id_in_every_cloud() {
        for cloud in [CommunicationCloud::Dod, CommunicationCloud::Gcch] {
            let user = MicrosoftTeamsUserIdentifier::anonymous("u").in_cloud(cloud);
            assert_eq!(user.raw_id(), "8:teamsvisitor:u");
        }
    }

    #[test]
    fn an_unknown_cloud_builds_raw_ids_as_the_public_one() {
        let mars = || CommunicationCloud::from("mars");
        assert_eq!(
            MicrosoftTeamsUserIdentifier::new("u")
                .in_cloud(mars())
                .raw_id(),
            "8:orgid:u"
        );
        assert_eq!(
            MicrosoftTeamsAppIdentifier::new("a")
                .in_cloud(mars())
                .raw_id(),
            "28:orgid:a"
        );
        assert_eq!(
            TeamsExtensionUserIdentifier::new("r", "t", "u")
                .in_cloud(mars())
                .raw_id(),
            "8:acs:r_t_u"
        );
    }
}
