//! What unfinished sagas need of the system: the services they call and the secrets they use, as far as those are lacking.

use std::collections::BTreeSet;

use ondol_engine::Handle;

use crate::listing::{Listing, Query, Status};
use crate::problem::Answer;

/// Unfinished sagas named in a refusal.
const NAMED_MAX: usize = 100;

/// Lines read at once while looking for unfinished sagas.
const PAGE: usize = 500;

/// What unfinished sagas need and would not have.
#[derive(Debug, Default)]
pub(crate) struct Lacking {
    pub(crate) services: BTreeSet<String>,
    pub(crate) secrets: BTreeSet<String>,
    /// The first of these sagas.
    pub(crate) sagas: Vec<String>,
}

impl Lacking {
    /// As the first half of a sentence.
    pub(crate) fn said(&self) -> String {
        let named = |verb: &str, names: &BTreeSet<String>| {
            let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(" and ");
            (!names.is_empty()).then(|| format!("{verb} {names}"))
        };
        let (call, using) = (named("call", &self.services), named("use the secret", &self.secrets));
        let parts: Vec<String> = call.into_iter().chain(using).collect();
        format!("unfinished sagas {}", parts.join(" and "))
    }
}

/// Looks for unfinished sagas that need a service or a secret which is lacking; `None` where there are none. Asks the
/// lists, so they must have followed.
pub(crate) fn lacking(
    engine: &Handle,
    listing: &Listing,
    service_lacks: impl Fn(&str) -> bool,
    secret_lacks: impl Fn(&str) -> bool,
) -> Answer<Option<Lacking>> {
    let registry = engine.definitions();
    let statuses = Status::ALL.into_iter().filter(|status| status.open()).collect();
    let mut query = Query { limit: PAGE, statuses, ..Query::default() };
    let mut lacking = Lacking::default();
    loop {
        let page = listing.page(&query)?;
        for row in page.rows {
            let Some(blueprint) = registry.find(&row.definition, Some(row.version)) else { continue };
            let services = blueprint.definition.services().into_iter().filter(|name| service_lacks(name));
            let secrets = blueprint.definition.secrets().into_iter().filter(|name| secret_lacks(name));
            let (services, secrets): (Vec<&str>, Vec<&str>) = (services.collect(), secrets.collect());
            if services.is_empty() && secrets.is_empty() {
                continue;
            }
            lacking.sagas.push(row.id);
            lacking.services.extend(services.into_iter().map(str::to_owned));
            lacking.secrets.extend(secrets.into_iter().map(str::to_owned));
            if lacking.sagas.len() >= NAMED_MAX {
                return Ok(Some(lacking));
            }
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok((!lacking.sagas.is_empty()).then_some(lacking));
        }
    }
}
