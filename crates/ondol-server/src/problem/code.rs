//! Every error code of the API: its status, its title and its help page, in one table.

use http::StatusCode;

macro_rules! codes {
    ($($variant:ident $name:literal $status:ident $title:literal;)+) => {
        /// A stable name for everything the API can refuse. Never changed once released.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// As it is written in problems, logs and addresses.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status it comes with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// What it means, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// Its help page, Markdown: what happened, why, what to do next.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("../../../../docs/codes/", $name, ".md")),)+
                }
            }
        }
    };
}

codes! {
    BadRequest "bad_request" BAD_REQUEST "The request cannot be understood";
    BadSagaId "bad_saga_id" BAD_REQUEST "The saga id has another form";
    IdMismatch "id_mismatch" BAD_REQUEST "Two different ids in one request";
    TooDeep "too_deep" BAD_REQUEST "The JSON is nested too deep";
    QuerySyntax "query_syntax" BAD_REQUEST "The query cannot be read";
    Unauthorized "unauthorized" UNAUTHORIZED "A token is needed";
    HostRefused "host_refused" FORBIDDEN "This host name is not served";
    OriginRefused "origin_refused" FORBIDDEN "Requests from other web pages are refused";
    ProxyUnauthorized "proxy_unauthorized" PROXY_AUTHENTICATION_REQUIRED "The proxy needs a token";
    TunnelRefused "tunnel_refused" NOT_IMPLEMENTED "The proxy does not tunnel";
    ServiceUnknown "service_unknown" NOT_FOUND "The system has no such service";
    NotFound "not_found" NOT_FOUND "There is nothing at this address";
    SagaNotFound "saga_not_found" NOT_FOUND "There is no such saga";
    DefinitionNotFound "definition_not_found" NOT_FOUND "There is no such definition";
    TraceNotFound "trace_not_found" NOT_FOUND "No span of the trace is kept";
    BatchNotFound "batch_not_found" NOT_FOUND "There is no such batch";
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "This address does not take that method";
    BodyTimeout "body_timeout" REQUEST_TIMEOUT "The body did not arrive in time";
    IdTaken "id_taken" CONFLICT "The id belongs to another request";
    NotAllowed "not_allowed" CONFLICT "The saga's state does not allow this";
    ServiceInUse "service_in_use" CONFLICT "Unfinished sagas need the service";
    SagaDropped "saga_dropped" GONE "The saga ended and its history was dropped";
    CursorGone "cursor_gone" GONE "The events after this cursor were dropped";
    Stale "stale" PRECONDITION_FAILED "The saga went on meanwhile";
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE "The body is too large";
    UriTooLong "uri_too_long" URI_TOO_LONG "The address is too long";
    MediaType "media_type" UNSUPPORTED_MEDIA_TYPE "The body is of another type";
    HeadersTooLarge "headers_too_large" REQUEST_HEADER_FIELDS_TOO_LARGE "The headers are too large";
    PlanInvalid "plan_invalid" UNPROCESSABLE_ENTITY "The plan has errors";
    SystemInvalid "system_invalid" UNPROCESSABLE_ENTITY "The system file has errors";
    StepUnknown "step_unknown" UNPROCESSABLE_ENTITY "The saga has no such step";
    TraceTooLarge "trace_too_large" UNPROCESSABLE_ENTITY "The trace is too large for an answer";
    BatchTooLarge "batch_too_large" UNPROCESSABLE_ENTITY "Too many sagas match";
    Overloaded "overloaded" TOO_MANY_REQUESTS "Ondol has as much to do as it can hold";
    CallRejected "call_rejected" SERVICE_UNAVAILABLE "A limit of the caller turned the call away";
    CallNotSent "call_not_sent" BAD_GATEWAY "The service was sent nothing";
    CallUnclear "call_unclear" BAD_GATEWAY "The service may have done it, and its answer was lost";
    CallTimeout "call_timeout" GATEWAY_TIMEOUT "The service did not answer in time";
    CallExpired "call_expired" GATEWAY_TIMEOUT "The caller's deadline had passed";
    Internal "internal" INTERNAL_SERVER_ERROR "Ondol has a defect";
    JournalIllegal "journal_illegal" INTERNAL_SERVER_ERROR "The saga's journal cannot be read";
    StoreFailed "store_failed" INTERNAL_SERVER_ERROR "The store failed";
    TelemetryFailed "telemetry_failed" INTERNAL_SERVER_ERROR "What is kept of traces and logs cannot be read";
    TelemetryAway "telemetry_away" SERVICE_UNAVAILABLE "Traces and logs are not kept";
    QueriesBusy "queries_busy" SERVICE_UNAVAILABLE "Too many questions at once";
    OutcomeUnknown "outcome_unknown" SERVICE_UNAVAILABLE "Nobody knows yet whether this happened";
    NotReady "not_ready" SERVICE_UNAVAILABLE "Ondol is not ready";
    ShuttingDown "shutting_down" SERVICE_UNAVAILABLE "Ondol is shutting down";
    TooSlow "too_slow" SERVICE_UNAVAILABLE "The request took too long";
    NoSpace "no_space" INSUFFICIENT_STORAGE "The disk is nearly full";
}

impl Code {
    /// The code of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::Code;

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/codes");
        let stem = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.expect("readable").path();
            path.file_stem().expect("a file").to_str().expect("UTF-8").to_owned()
        };
        let pages: BTreeSet<String> = folder.read_dir().expect("docs/codes").map(stem).collect();
        let codes: BTreeSet<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
        assert_eq!(pages, codes);
        for code in Code::ALL {
            let page = code.page();
            assert!(page.starts_with(&format!("# {}\n", code.as_str())), "{code:?}: {page}");
            for part in ["**What happened.**", "**Why.**", "**What to do next.**"] {
                assert!(page.contains(part), "{code:?} has no part {part}");
            }
        }
    }
}
