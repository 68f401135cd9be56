//! Notices, as their receiver sees them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use crate::support::{SYSTEM, Server};

const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn with_notify(to: &str) -> String {
    let notify = format!(
        "    notify: {{ events: [completed, compensated, parked], webhook: \"http://{{service}}/{to}\" }}\n"
    );
    SYSTEM.replace("  refused:\n", &format!("{notify}  refused:\n"))
}

#[tokio::test]
async fn a_notice_is_signed_and_delivered_once() {
    let server = Server::running(&with_notify("ok/outcomes"), |options| {
        options.webhook_secret = Some(format!("whsec_{SECRET}"));
    })
    .await;
    server.run("told", "buy").await;
    let saga = server.until("/v1/sagas/told", |saga| saga["notices"][0]["state"] == "delivered").await;
    assert_eq!((&saga["status"], &saga["notices"][0]["news"]), (&json!("completed"), &json!("completed")));
    let seen = server.service.seen();
    let notices: Vec<_> = seen.iter().filter(|seen| seen.path == "/ok/outcomes").collect();
    assert_eq!(notices.len(), 1);
    let notice = notices[0];
    assert_eq!((&notice.body["type"], &notice.body["saga"]), (&json!("saga.completed"), &json!("told")));
    assert_eq!(notice.body["output"], json!({ "user": "ann", "price": 1.10 }));
    let header = |name: &str| notice.headers[name].to_str().unwrap();
    assert_eq!(header("webhook-id"), format!("{}.completed.0", saga["run"].as_str().unwrap()));
    let signed = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), notice.text);
    let mut mac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode(SECRET).unwrap()).unwrap();
    mac.update(signed.as_bytes());
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    server.stop().await;
}

#[tokio::test]
async fn a_notice_that_is_refused_is_sent_again_by_hand() {
    let server = Server::running(&with_notify("refuse/outcomes"), |_| {}).await;
    server.run("told", "buy").await;
    let saga = server.until("/v1/sagas/told", |saga| saga["notices"][0]["failures"] == 1).await;
    assert_eq!(
        (&saga["notices"][0]["state"], &saga["next"]["what"]),
        (&json!("due"), &json!("notice 0 is sent"))
    );
    let sent = server.service.seen();
    assert!(!sent.last().unwrap().headers.contains_key("webhook-signature"), "unsigned without a secret");
    let resend = saga["allowed"].as_array().unwrap().iter().find(|one| one["verb"] == "resend").unwrap();
    assert_eq!(*resend, json!({ "verb": "resend", "notice": 0, "allowed": true }));
    assert_eq!(server.post("/v1/sagas/told/resend", &json!({ "notice": 0 })).await.status, 200);
    // The person's wish is no step on the schedule, and the delivery that is refused again is one.
    server.until("/v1/sagas/told", |saga| saga["notices"][0]["failures"] == 2).await;
    server.stop().await;
}

#[tokio::test]
async fn every_delivery_of_a_notice_says_the_same() {
    let notify =
        "  stuck:\n    notify: { events: [parked], webhook: \"http://{service}/refuse/outcomes\" }\n";
    let server = Server::running(&SYSTEM.replace("  stuck:\n", notify), |_| {}).await;
    server.post("/v1/sagas", &json!({ "id": "told", "definition": "held", "input": {} })).await;
    server.run("told", "stuck").await;
    let body = json!({ "id": "edited", "definition": "stuck", "input": { "seat": 1 } });
    server.post("/v1/sagas?wait=10s", &body).await;
    server.until("/v1/sagas/edited", |saga| saga["notices"][0]["failures"] == 1).await;
    let edit = json!({ "input": { "seat": 2 }, "note": "typo" });
    assert_eq!(server.post("/v1/sagas/edited/edit", &edit).await.code(), "not_allowed");
    assert_eq!(server.post("/v1/sagas/edited/pause", &json!({})).await.status, 200);
    server.post("/v1/sagas/edited/resend", &json!({ "notice": 0 })).await;
    server.until("/v1/sagas/edited", |saga| saga["notices"][0]["failures"] == 2).await;
    let seen = server.service.seen();
    let told: Vec<_> = seen
        .iter()
        .filter(|seen| seen.path == "/refuse/outcomes" && seen.body["saga"] == "edited")
        .map(|seen| (seen.headers["webhook-id"].clone(), seen.text.clone()))
        .collect();
    assert_eq!((told.len(), &told[0]), (2, &told[1]));
    server.stop().await;
}
