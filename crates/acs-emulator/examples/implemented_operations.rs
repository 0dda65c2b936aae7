//! Prints the operations that the emulator implements, one in a line, with the service before it. `cargo xtask coverage` reads it.

use acs_core_chat::operations::OPERATIONS as CHAT;
use acs_core_identity::operations::OPERATIONS as IDENTITY;
use acs_core_jobrouter::operations::OPERATIONS as JOBROUTER;
use acs_emulator::implemented_operations;

fn main() {
    let services = [
        ("chat", CHAT),
        ("identity", IDENTITY),
        ("jobrouter", JOBROUTER),
    ];
    for id in implemented_operations() {
        let service = services
            .iter()
            .find(|(_, operations)| operations.iter().any(|operation| operation.id == id));
        let (service, _) = service.unwrap_or_else(|| panic!("{id} is in no operation table"));
        println!("{service} {id}");
    }
}
