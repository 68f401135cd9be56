//! A target whose addresses change while it is called.

use std::time::Duration;

use http::HeaderMap;
use ondol_call::policy::settings::{Balance, Settings};
use ondol_call::{Callee, Caller, Health, Target};

use crate::asked::{ask, brisk, get, service};
use crate::support::{Scripted, caller, raw};

fn of(servers: &[&Scripted]) -> Target {
    // A new one has its whole share at once.
    let balance = Balance { slow_start: Duration::ZERO, ..Balance::default() };
    service(servers.iter().map(|server| server.endpoint()), Settings { balance, ..brisk() })
}

/// Which caller has the new addresses, and which handle is called after that.
#[derive(Clone, Copy, Debug)]
enum Changed {
    /// A handle from before, whose caller knows the new ones.
    Same,
    /// A handle of a caller beside it, which does not know them yet.
    Beside,
}

/// Changes a target from one list of servers to another, and gives who answers twenty calls of an earlier handle.
async fn check(before: &[&Scripted], after: &[&Scripted], changed: Changed) -> Vec<String> {
    let owner = caller();
    let beside: Caller = owner.beside();
    let callee: Callee = match changed {
        Changed::Same => owner.callee(of(before)),
        Changed::Beside => beside.callee(of(before)),
    };
    owner.callee(of(after));
    let mut told = Vec::new();
    for _ in 0..20 {
        told.push(ask(&callee, get("/")).await.told);
    }
    told.sort();
    told.dedup();
    told
}

/// Servers before and after, who has changed, and who answers.
type Row<'a> = (&'a [&'a Scripted], &'a [&'a Scripted], Changed, &'a [&'a str]);

#[tokio::test]
async fn an_earlier_handle_calls_addresses_that_are_there_and_no_others() {
    let [a, b, c] = ["a", "b", "c"].map(|body| Scripted::always(raw(200, "", body)));
    let none = "not sent: the service has no address; give it a url";
    #[rustfmt::skip]
    let table: [Row<'_>; 6] = [
        (&[&a],         &[&a, &b, &c], Changed::Same,   &["200 a", "200 b", "200 c"]),
        (&[&a, &b, &c], &[&c],         Changed::Same,   &["200 c"]),
        (&[&a],         &[&b],         Changed::Same,   &["200 b"]),
        (&[&a],         &[&a, &b, &c], Changed::Beside, &["200 a"]),
        (&[&a, &b, &c], &[&c],         Changed::Beside, &["200 c"]),
        (&[&a],         &[&b],         Changed::Beside, &[none]),
    ];
    for (row, (before, after, changed, expected)) in table.into_iter().enumerate() {
        assert_eq!(check(before, after, changed).await, expected, "row {row}, {changed:?}");
    }
}

#[tokio::test]
async fn a_target_that_is_gone_is_asked_nothing_more() {
    let server = Scripted::always(raw(200, "", ""));
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, "mine".parse().unwrap())]);
    let every = Duration::from_millis(20);
    let health = Some(Health { path: "/health".parse().unwrap(), every });
    let target = Target { health, headers, ..of(&[&server]) };
    let owner = caller();
    let beside = owner.beside();
    let handles = [owner.callee(target.clone()), beside.callee(target)];
    tokio::time::sleep(every * 5).await;
    let checks = server.seen().len();
    assert!((2..=7).contains(&checks), "{checks} checks: one caller makes them");
    for caller in [&owner, &beside] {
        caller.retain(|name| name != "flight");
        assert_eq!(caller.snapshot().len(), 0);
    }
    drop(handles);
    tokio::time::sleep(every).await;
    let before = server.seen().len();
    tokio::time::sleep(every * 4).await;
    assert_eq!(server.seen().len(), before, "it is forgotten");
}
