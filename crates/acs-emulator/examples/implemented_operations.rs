//! Prints the operations that the emulator implements, one in a line, with the service before it. `cargo xtask coverage` reads it.

use acs_core_jobrouter::operations::OPERATIONS;
use acs_emulator::implemented_operations;

fn main() {
    for id in implemented_operations() {
        assert!(
            OPERATIONS.iter().any(|operation| operation.id == id),
            "{id} is in no operation table"
        );
        println!("jobrouter {id}");
    }
}
