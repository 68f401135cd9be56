//! A refusal as the server words it (RFC 9457).

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::exit::Exit;
use crate::output::text;

/// The members this program uses; the whole body is kept for `--json`.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    pub(crate) title: String,
    pub(crate) code: String,
    pub(crate) detail: String,
    kind: String,
    findings: Vec<Value>,
    sagas: Vec<String>,
    saga: Option<Dropped>,
    body: String,
}

/// Sagas named below an error; `--json` has all that the server names.
const SAGAS_SHOWN_MAX: usize = 10;

/// What is left of a saga whose history was dropped.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Dropped {
    definition: String,
    version: u32,
    status: String,
    failed: Option<Failed>,
    created_at: String,
    ended_at: String,
}

/// Why it did not simply complete.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failed {
    step: Option<String>,
    reason: String,
}

/// All may be missing when something else than Ondol answered.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Members {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: String,
    code: String,
    findings: Vec<Value>,
    sagas: Vec<String>,
    saga: Option<Dropped>,
}

impl Problem {
    /// Reads an answer that is no success.
    pub(crate) fn read(status: StatusCode, body: &[u8]) -> Self {
        let members: Members = serde_json::from_slice(body).unwrap_or_default();
        let phrase = status.canonical_reason().unwrap_or("an unknown status");
        let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        Self {
            status,
            title: or(members.title, phrase),
            code: or(members.code, status.as_str()),
            detail: or(members.detail, "the answer gives no reason; was it an Ondol server that answered?"),
            kind: members.kind,
            findings: members.findings,
            sagas: members.sagas,
            saga: members.saga,
            body: String::from_utf8_lossy(body).trim().to_owned(),
        }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self.status {
            // The file was read, and has errors; as with lint.
            _ if matches!(self.code.as_str(), "system_invalid" | "plan_invalid") => Exit::Failed,
            // The service may have done it.
            _ if matches!(self.code.as_str(), "call_unclear" | "call_timeout") => Exit::Unsettled,
            StatusCode::NOT_FOUND | StatusCode::GONE => Exit::NotFound,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::PAYLOAD_TOO_LARGE => {
                Exit::Usage
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Exit::Unreachable
            }
            _ => Exit::Refused,
        }
    }

    /// Overloaded, starting, or not sure: the same request may end otherwise.
    pub(crate) fn is_repeatable(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
    }

    /// The server turned the request away before it did anything.
    pub(crate) fn changed_nothing(&self) -> bool {
        self.status.is_client_error()
            || matches!(self.code.as_str(), "not_ready" | "shutting_down" | "no_space")
    }

    /// What to do next with this program, where the detail, written for every client, does not say it.
    pub(crate) fn next(&self) -> Option<&'static str> {
        match self.code.as_str() {
            "unauthorized" | "proxy_unauthorized" => {
                Some("give the token with --token-file, or ONDOL_TOKEN_FILE")
            }
            "saga_not_found" => Some("`ondol list --q TEXT` searches"),
            "definition_not_found" => Some("`ondol apply FILE` brings new definitions to the server"),
            "not_allowed" => Some("`ondol why ID` says what is allowed now"),
            "stale" => Some("look again with `ondol get ID`, then decide"),
            "plan_invalid" | "system_invalid" => Some("`ondol lint FILE` shows each place"),
            "service_unknown" => Some("`ondol apply FILE` brings new services to the server"),
            "call_not_sent" => {
                Some("`ondol call --explain SERVICE` shows each address and what is wrong with it")
            }
            "call_rejected" => Some("`ondol call --explain SERVICE` shows where its limits stand"),
            "call_unclear" | "call_timeout" => {
                Some("it may have happened: ask the service before you call it again")
            }
            "internal" | "journal_illegal" | "store_failed" => Some("the server's log says more"),
            _ => None,
        }
    }

    /// The help page: on the server itself where its address is relative (RFC 9457, section 3.1.1).
    pub(crate) fn page(&self, server: &str) -> Option<String> {
        match self.kind.as_str() {
            "" | "about:blank" => None,
            path if path.starts_with('/') => Some(format!("{}{path}", server.trim_end_matches('/'))),
            page => Some(page.to_owned()),
        }
    }

    /// What lint found, if that is why, one line each.
    pub(crate) fn findings(&self) -> Vec<String> {
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        let number = |finding: &Value, name: &str| finding[name].as_u64().unwrap_or_default();
        let line = |finding: &Value| {
            let (line, column) = (number(finding, "line"), number(finding, "column"));
            let (message, fix) = (text(finding, "message"), text(finding, "fix"));
            format!("{line}:{column}: {message} [{}]; {fix}", text(finding, "code"))
        };
        self.findings.iter().map(line).collect()
    }

    /// The sagas that are why, if there are any, on one line.
    pub(crate) fn sagas(&self) -> Option<String> {
        let shown: Vec<String> = self.sagas.iter().take(SAGAS_SHOWN_MAX).map(|id| text::whole(id)).collect();
        let more = self.sagas.len().saturating_sub(shown.len());
        let more = if more > 0 { format!(" and {more} more (--json has them)") } else { String::new() };
        (!shown.is_empty()).then(|| format!("sagas: {}{more}", shown.join(", ")))
    }

    /// How a saga ended whose history was dropped.
    pub(crate) fn outcome(&self) -> Option<String> {
        let Dropped { definition, version, status, failed, created_at, ended_at } = self.saga.as_ref()?;
        let step =
            |failed: &Failed| failed.step.as_ref().map_or_else(String::new, |step| format!("{step}: "));
        let why =
            failed.as_ref().map_or_else(String::new, |failed| format!("; {}{}", step(failed), failed.reason));
        let line = format!("{status}: {definition} v{version}, accepted {created_at}, ended {ended_at}{why}");
        Some(text::whole(&line))
    }

    /// The body as it came, or one of the same form where it was none.
    pub(crate) fn to_json(&self) -> String {
        if self.body.starts_with('{') {
            return self.body.clone();
        }
        let (status, title, code, detail) = (self.status.as_u16(), &self.title, &self.code, &self.detail);
        serde_json::json!({ "status": status, "title": title, "code": code, "detail": detail }).to_string()
    }
}
