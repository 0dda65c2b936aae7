//! Examples as programs.

use std::path::Path;
use std::process::Command;

/// What examples read.
const SETTINGS: [&str; 4] = [
    "ACS_CONNECTION_STRING",
    "AZURE_COMMUNICATION_SERVICE_ENDPOINT",
    "AZURE_STORAGE_CONNECTION_STRING",
    "COMMUNICATION_SAMPLES_CONNECTION_STRING",
];

/// An example as cargo has built it, beside this test, without the settings of whoever runs the tests.
pub(crate) fn program(example: &str) -> Command {
    let this = std::env::current_exe().expect("a test is a program");
    let built = this.parent().and_then(Path::parent).expect("target folder");
    let mut program = Command::new(built.join("examples").join(example));
    for setting in SETTINGS {
        program.env_remove(setting);
    }
    program
}
