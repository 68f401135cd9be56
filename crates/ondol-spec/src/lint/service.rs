//! Services: addresses, timeouts, headers.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use ondol_core::StepSet;

use super::name_is_valid;
use crate::bounds::{ADDRESSES_MAX, CALL_TIMEOUT_MS_MAX, CONNECT_TIMEOUT_MS, RESPONSE_TIMEOUT_MS};
use crate::call;
use crate::duration::Duration;
use crate::expression::{Place, Visible};
use crate::finding::{Code, Fault, quoted};
use crate::model;
use crate::place::Faults;
use crate::system::Service;
use crate::url::Origin;

/// Compiles every service; what is wrong is added to `faults`, which stands at the root.
pub(crate) fn compile(
    services: &BTreeMap<String, model::Service>,
    secrets: &BTreeSet<String>,
    faults: &mut Faults,
) -> BTreeMap<String, Service> {
    let compiled = |(name, service): (&String, &model::Service), faults: &mut Faults| {
        if let Err(fault) = name_is_valid(name, "service") {
            faults.add_at_key(name, fault);
        }
        (name.clone(), faults.key(name, |faults| one(name, service, secrets, faults)))
    };
    faults.key("services", |faults| services.iter().map(|entry| compiled(entry, faults)).collect())
}

fn one(name: &str, service: &model::Service, secrets: &BTreeSet<String>, faults: &mut Faults) -> Service {
    let timeout = service.timeout.as_ref();
    let (connect, response) = faults.key("timeout", |faults| {
        let connect = faults.key("connect", |faults| ms(timeout.and_then(|t| t.connect), faults));
        let response = faults.key("response", |faults| ms(timeout.and_then(|t| t.response), faults));
        (connect.unwrap_or(CONNECT_TIMEOUT_MS), response.unwrap_or(RESPONSE_TIMEOUT_MS))
    });
    let visible = Visible {
        place: Place::ServiceHeader,
        steps: &[],
        before: StepSet::default(),
        own: None,
        secrets: Some(secrets),
        computed: &Cell::new(0),
    };
    let headers = faults
        .key("headers", |faults| call::headers(&service.headers, &visible, Place::ServiceHeader, faults));
    Service {
        origins: origins(name, service, faults),
        barrier: service.barrier,
        protocol: service.protocol.unwrap_or_default(),
        connect_ms: connect,
        response_ms: response,
        connections_max: service.limits.as_ref().and_then(|limits| limits.connections),
        in_flight_max: service.limits.as_ref().and_then(|limits| limits.in_flight),
        headers,
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
