//! Panics become errors, so that a document which nobody thought of ends in a message and not in a backtrace.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// How many calls of [`caught`] this thread is in.
    static CAUGHT: Cell<usize> = const { Cell::new(0) };
}

/// Runs something that may panic; the error is what the panic said, which then is not printed.
pub(super) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    quieten();
    CAUGHT.set(CAUGHT.get() + 1);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    CAUGHT.set(CAUGHT.get() - 1);
    result.map_err(|payload| {
        payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("it gave no reason")
            .to_owned()
    })
}

/// Lets panics that are caught pass without a message on the terminal.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if CAUGHT.get() == 0 {
                usual(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn panics_become_errors_with_their_text() {
        let error = caught::<()>(|| panic!("of the {}", "generator")).expect_err("panic");
        assert_eq!(error, "of the generator");
        let error = caught(|| caught::<()>(|| panic!("within"))).expect("caught within");
        assert_eq!(error.expect_err("panic"), "within");
        assert_eq!(caught(|| 5), Ok(5));
    }
}
