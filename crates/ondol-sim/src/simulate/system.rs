//! The definitions that simulated sagas follow: a line with a pivot, a fork, a condition, nothing to turn back for.

use std::sync::Arc;

use ondol_spec::Definition;

const SYSTEM: &str = r#"
ondol: 1
services:
  a: { url: "http://127.0.0.1:1", barrier: true }
  b: { url: "http://127.0.0.1:2", barrier: true }
  c: { url: "http://127.0.0.1:3", barrier: true }
sagas:
  line:
    timeout: 30s
    steps:
      - { name: one, action: a POST /one, compensate: a POST /one/undo }
      - { name: two, action: b POST /two, compensate: b POST /two/undo, retry: { attempts: 3, first: 50ms } }
      - { name: pay, action: c POST /pay, pivot: true }
      - { name: tell, action: a POST /tell }
    output: { paid: "${{ steps.pay.output.n }}" }
    notify: { events: [completed, compensated, parked], webhook: "http://127.0.0.1:4/told" }
  fork:
    timeout: 1m
    steps:
      - { name: root, action: a POST /root, compensate: a POST /root/undo }
      - { name: left, after: [root], action: b POST /left, compensate: b POST /left/undo }
      - { name: right, after: [root], action: c POST /right, compensate: c POST /right/undo }
      - { name: join, after: [left, right], action: a POST /join, compensate: a POST /join/undo }
    notify: { events: [completed, compensated], webhook: "http://127.0.0.1:4/told" }
  maybe:
    timeout: 20s
    steps:
      - { name: first, action: a POST /first, compensate: a POST /first/undo }
      - { name: extra, if: "${{ input.extra == true }}", action: b POST /extra, compensate: b POST /extra/undo }
      - { name: last, action: { call: c POST /last, body: { n: "${{ steps.first.output.n }}" } }, compensate: c POST /last/undo }
"#;

/// Names of the definitions.
pub(crate) const NAMES: [&str; 3] = ["line", "fork", "maybe"];

/// The definitions, compiled.
pub(crate) fn definitions() -> Vec<Arc<Definition>> {
    let report = ondol_spec::lint(SYSTEM);
    let system =
        report.system.unwrap_or_else(|| panic!("the simulated system is valid: {:#?}", report.findings));
    system.definitions.into_values().collect()
}
