//! A saga as the API shows it: the members this program prints. A missing one is empty, an unknown one is ignored, so
//! that a server of another version can still be read. Only without id, status and seq it is no saga.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::client::{Client, encoded};
use crate::error::Error;

/// One saga.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Saga {
    pub(crate) id: String,
    pub(crate) definition: String,
    pub(crate) version: u32,
    pub(crate) status: String,
    pub(crate) paused: bool,
    pub(crate) seq: u64,
    #[serde(deserialize_with = "present")]
    pub(crate) input: Option<Box<RawValue>>,
    pub(crate) output: Option<Box<RawValue>>,
    pub(crate) output_error: Option<String>,
    pub(crate) steps: Vec<Step>,
    pub(crate) failed: Option<Failure>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) turn_back_pending: Option<String>,
    pub(crate) next: Option<Next>,
    pub(crate) trace_id: Option<String>,
    pub(crate) created_at: String,
    pub(crate) ended_at: Option<String>,
    pub(crate) deadline_at: Option<String>,
    pub(crate) allowed: Vec<Permit>,
    pub(crate) vouched: Vec<Vouched>,
    pub(crate) notices: Vec<Notice>,
}

/// One step.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) service: String,
    pub(crate) pivot: bool,
    pub(crate) undoable: bool,
    pub(crate) status: String,
    pub(crate) progress: Option<Progress>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) output: Option<Box<RawValue>>,
    pub(crate) error: Option<String>,
}

/// The half that is being tried.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    pub(crate) half: String,
    pub(crate) attempt: u32,
    pub(crate) failures: u32,
    pub(crate) mode: String,
    pub(crate) due_at: Option<String>,
    pub(crate) trouble: Option<String>,
}

/// One request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Attempt {
    pub(crate) half: String,
    pub(crate) started_at: String,
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
}

/// Something that went wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Failure {
    pub(crate) step: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) half: String,
    pub(crate) code: String,
    pub(crate) reason: String,
}

/// What happens next.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    pub(crate) at: Option<String>,
    pub(crate) what: String,
}

/// A verb, and whether it is allowed now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Permit {
    pub(crate) verb: String,
    pub(crate) step: Option<String>,
    pub(crate) half: Option<String>,
    pub(crate) notice: Option<u64>,
    pub(crate) allowed: bool,
}

/// What a person vouched for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Vouched {
    pub(crate) step: String,
    pub(crate) vouch: String,
    pub(crate) note: String,
    pub(crate) at: String,
}

/// Something the outside is told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Notice {
    pub(crate) number: u64,
    pub(crate) news: String,
    pub(crate) failures: u32,
    pub(crate) state: String,
    pub(crate) due_at: Option<String>,
}

/// The address of a saga in the API.
pub(crate) fn target(id: &str) -> String {
    format!("/v1/sagas/{}", encoded(id))
}

/// A saga, and the JSON it came in.
pub(crate) async fn fetch(client: &Client, id: &str) -> Result<(Saga, bytes::Bytes), Error> {
    let answer = client.get(&target(id)).await?;
    let saga: Saga = client.decode("the saga", &answer.body)?;
    if saga.id.is_empty() || saga.status.is_empty() || saga.seq == 0 {
        return Err(client.strange("the saga", "it has no `id`, `status` or `seq`"));
    }
    Ok((saga, answer.body))
}

/// A member that is there, also where it is `null`.
fn present<'de, D: Deserializer<'de>>(member: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(member).map(Some)
}

/// The server's status, as far as targets go.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    pub(crate) targets: Vec<Target>,
}

/// A service, or a receiver of notices.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) up: bool,
    /// Does the system file not have it any more?
    pub(crate) removed: bool,
    pub(crate) down_for_ms: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) waiting: u64,
}

/// How the services are reached. Beside the point of most questions, so an error is no answer rather than a failure.
pub(crate) async fn targets(client: &Client) -> Vec<Target> {
    let Ok(answer) = client.get("/v1/status").await else { return Vec::new() };
    client.decode::<Status>("the status", &answer.body).unwrap_or_default().targets
}
