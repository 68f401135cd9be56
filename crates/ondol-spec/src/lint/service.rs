//! Services: addresses, timeouts, headers.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use ondol_core::StepSet;

use super::{calls, name_is_valid};
use crate::bounds::{ADDRESSES_MAX, CALL_TIMEOUT_MS_MAX, CONNECT_TIMEOUT_MS, RESPONSE_TIMEOUT_MS};
use crate::call;
use crate::calls::CallSettings;
use crate::duration::Duration;
use crate::expression::{Place, Visible};
use crate::finding::{Code, Fault, quoted};
use crate::model;
use crate::place::Faults;
use crate::system::Service;
use crate::url::Origin;

/// What a service is looked at with.
struct Context<'a> {
    secrets: &'a BTreeSet<String>,
    allow_faults: bool,
}

/// Compiles every service; what is wrong is added to `faults`, which stands at the root.
pub(crate) fn compile(
    file: &model::System,
    secrets: &BTreeSet<String>,
    faults: &mut Faults,
) -> BTreeMap<String, Service> {
    let context = Context { secrets, allow_faults: file.allow_faults };
    let mut hosts = BTreeMap::new();
    let mut compiled = |(name, service): (&String, &model::Service), faults: &mut Faults| {
        let valid = name_is_valid(name, "service").and_then(|()| name_is_free(name, &mut hosts));
        if let Err(fault) = valid {
            faults.add_at_key(name, fault);
        }
        (name.clone(), faults.key(name, |faults| context.one(name, service, faults)))
    };
    faults.key("services", |faults| {
        let services = file.services.iter().map(|entry| compiled(entry, faults)).collect();
        calls::alternates(&services, faults);
        services
    })
}

/// What a client on this machine calls the proxy itself by.
const OWN_HOST: &str = "localhost";

/// A service is called through the proxy by its name as a host (RFC 3986 §3.2.2: the same in either case).
fn name_is_free(name: &str, hosts: &mut BTreeMap<String, String>) -> Result<(), Fault> {
    let host = name.to_ascii_lowercase();
    if host == OWN_HOST {
        let message = format!("{} cannot be the name of a service: it is the proxy's own host", quoted(name));
        return Err(Fault::new(Code::BadName, message, "rename the service"));
    }
    match hosts.insert(host, name.to_owned()) {
        None => Ok(()),
        Some(other) => {
            let message =
                format!("{} and {} differ in upper and lower case only", quoted(&other), quoted(name));
            let fix = "rename one, or call both with the header `ondol-target`";
            Err(Fault::new(Code::SameHost, message, fix))
        }
    }
}

impl Context<'_> {
    fn one(&self, name: &str, service: &model::Service, faults: &mut Faults) -> Service {
        let timeout = service.timeout.as_ref();
        let connect =
            faults.key("timeout", |faults| faults.key("connect", |faults| ms(timeout?.connect, faults)));
        let settings = calls::settings(&service.into(), &CallSettings::default(), faults);
        let visible = Visible {
            place: Place::ServiceHeader,
            steps: &[],
            before: StepSet::default(),
            own: None,
            secrets: Some(self.secrets),
            computed: &Cell::new(0),
        };
        let headers = faults
            .key("headers", |faults| call::headers(&service.headers, &visible, Place::ServiceHeader, faults));
        let protocol = service.protocol.unwrap_or_default();
        Service {
            origins: origins(name, service, faults),
            barrier: service.barrier,
            protocol,
            connect_ms: connect.unwrap_or(CONNECT_TIMEOUT_MS),
            response_ms: settings.timeout.response_ms.unwrap_or(RESPONSE_TIMEOUT_MS),
            in_flight_max: service.limits.as_ref().and_then(|limits| limits.in_flight),
            pool: calls::pool(service, faults),
            breaker: calls::breaker(service, faults),
            balance: calls::balance(service, faults),
            health: calls::health(service, faults),
            operations: calls::operations(service, &settings, faults),
            faults: calls::fault_rules(service, protocol, self.allow_faults, faults),
            calls: settings,
            headers,
        }
    }
}

/// A timeout of a call within its bounds, in milliseconds.
pub(crate) fn ms(duration: Option<Duration>, faults: &mut Faults) -> Option<u64> {
    let given = duration?;
    if given.ms == 0 || given.ms > CALL_TIMEOUT_MS_MAX {
        let max = Duration { ms: CALL_TIMEOUT_MS_MAX };
        let message = format!("the timeout is {given}; 1ms to {max} is allowed");
        let fix = "choose a timeout within the bounds; work that takes longer answers 202 and is asked again";
        faults.add(Fault::new(Code::OutOfBounds, message, fix));
    }
    Some(given.ms)
}

fn origins(name: &str, service: &model::Service, faults: &mut Faults) -> Vec<Origin> {
    match (&service.url, &service.urls) {
        (Some(url), None) => {
            faults.key("url", |faults| faults.take(Origin::parse(url))).into_iter().collect()
        }
        (None, Some(urls)) if !urls.is_empty() => faults.key("urls", |faults| {
            if urls.len() > ADDRESSES_MAX {
                let message =
                    format!("there are {} addresses; at most {ADDRESSES_MAX} are allowed", urls.len());
                let fix = "use one name that DNS resolves to all of them";
                faults.add(Fault::new(Code::OutOfBounds, message, fix));
            }
            let urls = urls.iter().enumerate();
            urls.filter_map(|(at, url)| faults.index(at, |faults| faults.take(Origin::parse(url)))).collect()
        }),
        (given, _) => {
            let both = if given.is_some() { "both `url` and `urls`" } else { "no address" };
            let message = format!("the service {} has {both}", quoted(name));
            faults.add(Fault::new(
                Code::BadAddresses,
                message,
                "write either `url: \"http://host:port\"` or `urls: […]`",
            ));
            Vec::new()
        }
    }
}
