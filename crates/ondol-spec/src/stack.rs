//! A large stack for the parser of expressions.
//!
//! The `cel` crate parses by recursion with frames so large that a debug build overflows a 2 MiB stack at 14 nested
//! brackets. So a whole file is compiled on one thread with [`COMPILE_STACK_BYTES`]. This thread is the one thing in the
//! crate that is not plain computation; it takes no input but its argument and has ended when this returns.

use crate::bounds::COMPILE_STACK_BYTES;

/// Runs `work` on a thread with a large stack and waits for it.
///
/// Where no thread can be had `work` runs here: nesting is bounded low enough for an ordinary stack, the large one is
/// for long chains of operators.
pub(crate) fn on_large_stack<T: Send>(work: impl Fn() -> T + Sync) -> T {
    let work = &work;
    let answer = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("ondol-compile".to_owned());
        let thread = builder.stack_size(COMPILE_STACK_BYTES).spawn_scoped(scope, work).ok()?;
        Some(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    answer.unwrap_or_else(work)
}
