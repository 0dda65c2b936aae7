//! `cargo xtask codegen`: from an OpenAPI document to the generated module of a raw crate.
//!
//! The way of a document: [`lower`] repairs it pass by pass, [`api`] reads the result into types, [`emit`](mod@emit) writes the files,
//! [`output`] compares them with the folder or replaces it.
//!
//! progenitor generates the client. The models are emitted here instead of by its typify, for what typify cannot give: enumerations
//! and unions that keep what they do not know, patches with three states, collections that read null as empty, constructors and
//! setters where callers build values and nowhere else, no conversions nobody uses, and `Debug` that hides secrets. It also keeps
//! one place that decides what a type looks like, instead of one generator and a second one that corrects it.

mod api;
#[cfg(test)]
mod bad_input;
mod config;
mod emit;
mod explain;
mod json;
mod lower;
mod marks;
mod names;
mod output;
mod panics;
mod positions;
mod spec;
mod strict_json;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use serde_json::Value;

use self::api::Api;
pub(crate) use self::config::read_document;
use self::config::{Input, Service, Services};
use self::emit::{Files, Origin};
use self::panics::caught;
use self::spec::{Options, Refusal, Spec};
use crate::process::workspace_root;

#[derive(clap::Args)]
pub(crate) struct CodegenArguments {
    /// Service to generate, as in specs/codegen.toml; all of them unless given
    service: Option<String>,
    /// Compare with the committed files instead of writing them
    #[arg(long)]
    check: bool,
    /// OpenAPI 3.0 or Swagger 2.0 document to generate from, without specs/codegen.toml
    #[arg(long, conflicts_with_all = ["service", "check"])]
    spec: Option<PathBuf>,
    /// Folder to write the module to; it is replaced as a whole
    #[arg(long, requires = "spec")]
    out: Option<PathBuf>,
    /// Show what each pass does to this operation or schema, or to the whole document (#), and write nothing
    #[arg(long, value_name = "OPERATION|SCHEMA", conflicts_with_all = ["check", "out"])]
    explain: Option<String>,
    /// Print what each pass changed
    #[arg(long)]
    verbose: bool,
}

pub(crate) fn run(arguments: &CodegenArguments) -> anyhow::Result<()> {
    match (&arguments.spec, &arguments.out, &arguments.explain) {
        (None, _, Some(wanted)) => explain_services(chosen_services(arguments)?, wanted),
        (None, _, None) => generate_services(arguments),
        (Some(spec), _, Some(wanted)) => explain_document(spec, wanted),
        (Some(spec), Some(out), None) => generate_document(spec, out, arguments.verbose),
        (Some(_), None, None) => bail!("--spec needs --out FOLDER or --explain NAME"),
    }
}

fn chosen_services(arguments: &CodegenArguments) -> anyhow::Result<Services> {
    let mut services = config::read(&workspace_root())?;
    if let Some(name) = &arguments.service {
        if !services.contains_key(name) {
            let known: Vec<_> = services.keys().map(String::as_str).collect();
            bail!(
                "{} has no service {name:?}, only {}",
                config::PATH,
                known.join(", ")
            );
        }
        services.retain(|known, _| known == name);
    }
    Ok(services)
}

/// What a service is generated from and into.
pub(crate) struct ServiceFiles {
    pub(crate) name: String,
    /// The generated package.
    pub(crate) package: String,
    /// Paths of the documents within the workspace, oldest first.
    pub(crate) documents: Vec<String>,
    pub(crate) default_api_version: String,
}

/// All services of specs/codegen.toml.
pub(crate) fn services(root: &Path) -> anyhow::Result<Vec<ServiceFiles>> {
    let services = config::read(root)?.into_iter();
    Ok(services
        .map(|(name, service)| ServiceFiles {
            name,
            package: service.package,
            documents: service.documents,
            default_api_version: service.default_api_version,
        })
        .collect())
}

fn explain_services(services: Services, wanted: &str) -> anyhow::Result<()> {
    let root = workspace_root();
    let mut searched = Vec::new();
    let mut found = false;
    for (name, service) in services {
        let input = service.input(&root).with_context(|| name.clone())?;
        if let Some(story) = explain::explain(Spec::new(input.document, input.options), wanted) {
            println!("# {name}: {story}");
            found = true;
        }
        searched.push(name);
    }
    if !found {
        bail!(
            "there is no operation and no schema {wanted:?} in {}",
            searched.join(", ")
        );
    }
    Ok(())
}

fn explain_document(path: &Path, wanted: &str) -> anyhow::Result<()> {
    let spec = Spec::new(config::read_document(path)?, Options::default());
    let Some(story) = explain::explain(spec, wanted) else {
        bail!(
            "there is no operation and no schema {wanted:?} in {}",
            path.display()
        );
    };
    println!("# {story}");
    Ok(())
}

fn generate_services(arguments: &CodegenArguments) -> anyhow::Result<()> {
    let root = workspace_root();
    if arguments.check {
        crate::lock::verify(&root)?;
    }
    let mut all = Vec::new();
    for (name, service) in chosen_services(arguments)? {
        let package = root.join("crates").join(&service.package);
        let generated = generate_service(&name, service, &root, arguments.verbose)
            .with_context(|| format!("cannot generate {name}"))?;
        all.push((name, package, generated));
    }
    // Nothing is written before all is generated.
    let mut stale = Vec::new();
    for (name, package, generated) in all {
        let folders = [
            (package.join("src/generated"), &generated.module),
            (package.join("tests/it/generated"), &generated.tests),
        ];
        if !arguments.check {
            for (folder, files) in folders {
                output::replace(&folder, files)?;
            }
            let (files, lines) = (generated.module.len(), lines(&generated.module));
            println!("{name}: {files} files, {lines} lines");
            continue;
        }
        let mut differences = String::new();
        for (folder, files) in folders {
            differences += &output::differences(&folder, files)?;
        }
        if !differences.is_empty() {
            println!("{differences}");
            stale.push(name);
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    bail!(
        "the generated code of {} is not what the documents give; run `cargo xtask codegen`",
        stale.join(", ")
    );
}

/// What is written for one service.
struct Generated {
    module: Files,
    /// For the tests of the package.
    tests: Files,
}

fn generate_service(
    name: &str,
    service: Service,
    root: &Path,
    verbose: bool,
) -> anyhow::Result<Generated> {
    let allowed = service.allowed_warnings.clone();
    let default_api_version = service.default_api_version.clone();
    let package = service.package.clone();
    let Input {
        document,
        path,
        api_versions,
        options,
    } = service.input(root)?;
    let origin = Origin {
        command: format!("cargo xtask codegen {name}"),
        document: path,
        api_versions,
        default_api_version,
    };
    let mut spec = Spec::new(document, options);
    let api = read(&mut spec)?;
    report(&spec, verbose);
    refuse_warnings(&spec, &allowed)?;
    Ok(Generated {
        module: emit(&api, &origin)?,
        tests: emit::emit_tests(&api, &spec.type_names, &package, &origin),
    })
}

/// Generates from a document that the configuration does not name. Warnings are only printed.
fn generate_document(path: &Path, out: &Path, verbose: bool) -> anyhow::Result<()> {
    let document = config::read_document(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (files, spec) = generate_files(document, &name)
        .with_context(|| format!("cannot generate from {}", path.display()))?;
    report(&spec, verbose);
    print_warnings(&spec, verbose);
    output::replace(out, &files)?;
    println!(
        "{}: {} files, {} lines",
        out.display(),
        files.len(),
        lines(&files)
    );
    Ok(())
}

fn generate_files(document: Value, name: &str) -> anyhow::Result<(Files, Spec)> {
    // Without a version the passes refuse the document, and say more about it.
    let version = config::api_version(&document).unwrap_or_default();
    let origin = Origin {
        command: "cargo xtask codegen --spec".to_owned(),
        document: name.to_owned(),
        api_versions: vec![version.clone()],
        default_api_version: version,
    };
    let mut spec = Spec::new(document, Options::default());
    let api = read(&mut spec)?;
    Ok((emit(&api, &origin)?, spec))
}

fn emit(api: &Api, origin: &Origin) -> anyhow::Result<Files> {
    caught(|| emit::emit(api, origin)).unwrap_or_else(|panic| {
        Err(anyhow!(
            "the emitters panicked, which is a mistake of the generator: report it with the document: {panic}"
        ))
    })
}

/// Lowers a document and reads what it describes.
fn read(spec: &mut Spec) -> anyhow::Result<Api> {
    lower::lower(spec)?;
    let api = api::read(spec)?;
    if api.operations.is_empty() && api.event_types.is_empty() {
        return Err(Refusal::new(
            "#/paths",
            "there is no operation and no type of events",
            "describe at least one; is it the right document?",
        )
        .into());
    }
    Ok(api)
}

fn report(spec: &Spec, verbose: bool) {
    if verbose {
        for change in &spec.log.changes {
            println!("{}: {}: {}", change.pass, change.subject, change.text);
        }
    }
}

/// Prints each warning, or how many there are of each kind.
fn print_warnings(spec: &Spec, verbose: bool) {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for warning in &spec.log.warnings {
        if verbose {
            eprintln!("warning: {}: {}", warning.key, warning.text);
        } else {
            *kinds.entry(warning.kind()).or_default() += 1;
        }
    }
    for (kind, count) in kinds {
        eprintln!("warning: {kind}: {count} times; --verbose names them");
    }
}

/// A warning has to be repaired or allowed, and what is allowed has to exist.
fn refuse_warnings(spec: &Spec, allowed: &BTreeSet<String>) -> anyhow::Result<()> {
    let found: BTreeSet<_> = spec
        .log
        .warnings
        .iter()
        .map(|warning| &warning.key)
        .collect();
    let mut problems: Vec<String> = spec
        .log
        .warnings
        .iter()
        .filter(|warning| !allowed.contains(&warning.key))
        .map(|warning| format!("{:?}: {}", warning.key, warning.text))
        .collect();
    let unused = allowed.iter().filter(|key| !found.contains(key));
    problems.extend(unused.map(|key| format!("{key:?} is allowed but does not happen")));
    if problems.is_empty() {
        return Ok(());
    }
    bail!(
        "correct the document, or its allowed-warnings in {}:\n  {}",
        config::PATH,
        problems.join("\n  ")
    );
}

fn lines(files: &Files) -> usize {
    files.values().map(|text| text.lines().count()).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{config, generate_files, output, refuse_warnings};
    use crate::codegen::spec::{Options, Spec};
    use crate::process::workspace_root;

    #[test]
    fn the_golden_document_gives_the_golden_files() {
        let folder = workspace_root().join("xtask/golden");
        let document = config::read_document(&folder.join("things.json")).expect("readable");
        let (files, _) = generate_files(document, "things.json").expect("understood");
        let differences =
            output::differences(&folder.join("src/generated"), &files).expect("readable");
        assert!(
            differences.is_empty(),
            "{differences}\nIf this is wanted: cargo xtask codegen --spec xtask/golden/things.json --out xtask/golden/src/generated"
        );
    }

    #[test]
    fn the_same_document_gives_the_same_bytes() {
        let path = workspace_root().join("xtask/golden/things.json");
        let generate = || {
            let document = config::read_document(&path).expect("readable");
            generate_files(document, "things.json")
                .expect("understood")
                .0
        };
        assert_eq!(generate(), generate());
    }

    #[test]
    fn what_cannot_be_generated_is_an_error_that_says_where() {
        let operation = |id: &str| json!({"operationId": id, "description": "D.", "responses": {"204": {"description": ""}}});
        for (path, operations, named) in [
            ("no-slash", json!({}), "begin with a slash"),
            (
                "/a",
                json!({"get": {"responses": {}}}),
                "`operationId` is missing",
            ),
            (
                "/a}b",
                json!({"get": operation("find")}),
                "operation find (#/paths/~1a}b/get)",
            ),
        ] {
            let document = json!({
                "openapi": "3.0.0", "info": {"title": "T", "version": "1"}, "paths": {path: operations}
            });
            let error = generate_files(document, "t.json").err().expect(named);
            assert!(format!("{error:#}").contains(named), "{error:#}");
        }
    }

    #[test]
    fn warnings_have_to_be_allowed_and_allowances_to_be_used() {
        let mut spec = Spec::new(json!({}), Options::default());
        spec.log.warn("odd", "#/a", "it is odd");
        let allowed = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        refuse_warnings(&spec, &allowed(&["odd #/a"])).expect("allowed");
        refuse_warnings(&spec, &allowed(&[])).expect_err("not allowed");
        refuse_warnings(&spec, &allowed(&["odd #/a", "odd #/b"])).expect_err("not used");
    }
}
