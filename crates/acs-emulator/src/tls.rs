//! TLS for clients that insist on it: an authority of one's own, and certificates for this machine.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

/// The folder of the authority within the folder it is asked for.
const FOLDER: &str = "tls";
const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";

/// How long an authority is good for.
const AUTHORITY_LIFE: Duration = Duration::days(3650);

/// How long a certificate for this machine is good for; some clients take no longer one.
const CERTIFICATE_LIFE: Duration = Duration::days(397);

/// How long before now a certificate begins, for clients whose clocks are slow.
const HEAD_START: Duration = Duration::days(1);

/// A certificate authority for one's own machine, kept in a folder: what clients are told to trust. Cheap to clone.
///
/// It is nobody's but the folder's owner's: whoever can read its key can pass for any server towards programs that trust
/// it. So tell single programs to trust it, through their environment, and not the whole machine.
#[derive(Clone)]
pub struct TlsAuthority {
    certificate: PathBuf,
    der: CertificateDer<'static>,
    key: Arc<KeyPair>,
}

impl TlsAuthority {
    /// The authority under `tls` in a folder: `ca.pem`, and `ca-key.pem`, which only its owner can read. Made, with all
    /// folders on the way, if there is none yet; good for ten years.
    ///
    /// # Errors
    ///
    /// The folder cannot be written or read, or holds files that are no authority.
    pub fn in_folder(folder: impl AsRef<Path>) -> Result<Self, TlsError> {
        let folder = folder.as_ref().join(FOLDER);
        if !folder.join(CERTIFICATE).exists() {
            create(&folder)?;
        }
        read(&folder)
    }

    /// The file of its certificate, in PEM.
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// What shakes hands under a new certificate for this machine and an address of it.
    pub(crate) fn acceptor(&self, host: IpAddr) -> Result<TlsAcceptor, TlsError> {
        let key = KeyPair::generate()?;
        let issuer = Issuer::new(authority_params(), self.key.as_ref());
        let leaf = leaf_params(host)?.signed_by(&key, &issuer)?;
        let chain = vec![leaf.der().clone(), self.der.clone()];
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl fmt::Debug for TlsAuthority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TlsAuthority")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file or folder of the authority cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file of the authority does not hold what it should.
    #[error("{} is not usable: {reason}; remove its folder to have a new authority made", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No certificate can be made.
    #[error("cannot make a certificate: {reason}")]
    Certificate {
        /// What is in the way.
        reason: String,
    },
}

impl From<rcgen::Error> for TlsError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate {
            reason: error.to_string(),
        }
    }
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        Self::Certificate {
            reason: error.to_string(),
        }
    }
}

/// What the authority's certificate says, and what its signatures refer to: the same at every start.
fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("acs-emulator local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(host: IpAddr) -> Result<CertificateParams, TlsError> {
    let mut addresses = vec![
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    if !addresses.contains(&host) && !host.is_unspecified() {
        addresses.push(host);
    }
    let addresses = addresses.iter().map(IpAddr::to_string);
    let names: Vec<String> = addresses.chain(["localhost".to_owned()]).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = named("acs-emulator");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(valid_for(params, CERTIFICATE_LIFE))
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn valid_for(mut params: CertificateParams, life: Duration) -> CertificateParams {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - HEAD_START;
    params.not_after = now + life;
    params
}

/// Makes an authority. The folder appears with all its files at once, so that of two programs that start at the same
/// time both use the authority of the one that came first.
fn create(folder: &Path) -> Result<(), TlsError> {
    let key = KeyPair::generate()?;
    let certificate = valid_for(authority_params(), AUTHORITY_LIFE).self_signed(&key)?;
    let unfinished = folder.with_extension(Uuid::new_v4().to_string());
    fs::create_dir_all(&unfinished).map_err(failed("create", &unfinished))?;
    write(&unfinished.join(KEY), &key.serialize_pem(), 0o600)?;
    write(&unfinished.join(CERTIFICATE), &certificate.pem(), 0o644)?;
    let Err(error) = fs::rename(&unfinished, folder) else {
        return Ok(());
    };
    fs::remove_dir_all(&unfinished).map_err(failed("remove", &unfinished))?;
    if folder.join(CERTIFICATE).exists() {
        return Ok(());
    }
    Err(failed("create", folder)(error))
}

fn read(folder: &Path) -> Result<TlsAuthority, TlsError> {
    let text = |path: &Path| fs::read_to_string(path).map_err(failed("read", path));
    let certificate = folder.join(CERTIFICATE);
    let der = CertificateDer::from_pem_slice(text(&certificate)?.as_bytes());
    let der = der.map_err(|error| unusable(&certificate, error))?;
    let key_file = folder.join(KEY);
    let key = KeyPair::from_pem(&text(&key_file)?).map_err(|error| unusable(&key_file, error))?;
    Ok(TlsAuthority {
        certificate,
        der,
        key: Arc::new(key),
    })
}

#[cfg_attr(
    not(unix),
    expect(unused_variables, reason = "other systems know no such mode")
)]
fn write(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(mode);
    }
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(failed("write", path))
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TlsError {
    let path = path.to_path_buf();
    move |source| TlsError::File {
        action,
        path,
        source,
    }
}

fn unusable(path: &Path, reason: impl fmt::Display) -> TlsError {
    TlsError::Unusable {
        path: path.to_path_buf(),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("not/there/yet");
        let first = TlsAuthority::in_folder(&data).unwrap();
        let second = TlsAuthority::in_folder(&data).unwrap();
        assert_eq!(first.der, second.der);
        assert_eq!(first.key.serialize_der(), second.key.serialize_der());
        assert_eq!(first.certificate(), data.join("tls/ca.pem"));
        let left: Vec<_> = fs::read_dir(&data).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn of_two_that_are_made_at_once_the_first_counts() {
        let folder = tempfile::tempdir().unwrap();
        let tls = folder.path().join(FOLDER);
        create(&tls).unwrap();
        let first = read(&tls).unwrap();
        create(&tls).unwrap();
        assert_eq!(read(&tls).unwrap().der, first.der);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        TlsAuthority::in_folder(folder.path()).unwrap();
        let key = fs::metadata(folder.path().join("tls/ca-key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn files_that_are_no_authority_are_named() {
        let folder = tempfile::tempdir().unwrap();
        TlsAuthority::in_folder(folder.path()).unwrap();
        let key = folder.path().join("tls/ca-key.pem");
        fs::write(&key, "nothing of use").unwrap();
        let error = TlsAuthority::in_folder(folder.path()).unwrap_err();
        assert!(
            error.to_string().contains("ca-key.pem is not usable"),
            "{error}"
        );
        fs::remove_file(&key).unwrap();
        let error = TlsAuthority::in_folder(folder.path()).unwrap_err();
        assert!(error.to_string().starts_with("cannot read "), "{error}");
    }

    #[test]
    fn its_debug_form_shows_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let authority = TlsAuthority::in_folder(folder.path()).unwrap();
        let shown = format!("{authority:?}");
        assert!(
            shown.contains("ca.pem") && !shown.to_lowercase().contains("key"),
            "{shown}"
        );
    }
}
