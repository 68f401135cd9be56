//! Every verb against a real server.

use crate::support::seen;
use crate::world::World;

/// Times, which are never the same, as one word each.
fn masked(text: &str) -> String {
    let line = |line: &str| {
        let mut words: Vec<String> = Vec::new();
        let mut parts = line.split_inclusive(' ').peekable();
        while let Some(part) = parts.next() {
            let date = part.trim_end().len() == 10 && part.chars().filter(|c| *c == '-').count() == 2;
            if date && parts.next_if(|next| next.contains("+00:00")).is_some() {
                words.push("TIME ".to_owned());
                let ago = |part: &&str| part.starts_with('(');
                if parts.next_if(ago).is_some() {
                    for rest in parts.by_ref() {
                        if rest.contains(')') {
                            words.push(rest.split_once(')').map_or("", |(_, rest)| rest).to_owned());
                            break;
                        }
                    }
                }
            } else {
                words.push(part.to_owned());
            }
        }
        words.concat().trim_end().to_owned() + "\n"
    };
    text.lines().map(line).collect()
}

#[test]
fn a_saga_is_run_and_read() {
    let world = World::new();
    let said = world.check(&["run", "good", "--id", "g-1", "--wait", "--input", "{\"price\": 100.00}"], 0);
    assert!(said.contains("completed") && said.contains("c-1"), "{said}");
    let saga = world.json(&["get", "g-1"], 0);
    assert_eq!((&saga["status"], &saga["output"]["charge"]), (&"completed".into(), &"c-1".into()));
    // Digit by digit as it was written.
    assert!(world.check(&["get", "g-1", "--json"], 0).contains("100.00"));
    // The same request again is no second saga; another one under its id is refused.
    let again = world.check(&["run", "good", "--id", "g-1", "--input", "{\"price\": 100.00}"], 0);
    assert!(again.contains("submitted before"), "{again}");
    insta::assert_snapshot!(
        "run-id-taken",
        seen(&world.output(&["run", "good", "--id", "g-1"])).replace(&world.address(), "SERVER")
    );
    let events = world.json(&["events", "g-1"], 0);
    assert_eq!(events["events"][0]["type"], "submitted");
    let followed = world.check(&["events", "g-1", "--follow", "--json"], 0);
    assert_eq!(followed.lines().count(), events["events"].as_array().map_or(0, Vec::len), "{followed}");
    insta::assert_snapshot!("events", masked(&world.check(&["events", "g-1"], 0)));
    let why = world.check(&["why", "g-1"], 0);
    assert!(why.contains("(good) completed") && why.contains("Done: hold, pay."), "{why}");
}

#[test]
fn what_is_undone_or_parked_has_its_own_exit_code() {
    let world = World::new();
    let said = world.check(&["run", "refused", "--id", "r-1", "--wait"], 1);
    assert!(said.contains("compensated") && said.contains("undone"), "{said}");
    let why = world.check(&["why", "r-1"], 0);
    assert!(why.contains("pay at shop failed") && why.contains("said no. It answered 409"), "{why}");
    assert!(world.check(&["why", "r-1", "--lang", "ko"], 0).contains("되돌린 단계: hold"));

    let said = world.check(&["run", "parks", "--id", "p-1", "--wait"], 6);
    assert!(said.contains("parked"), "{said}");
    let why = world.check(&["why", "p-1"], 0);
    assert!(why.contains("ondol complete p-1 --step confirm --output"), "{why}");
    insta::assert_snapshot!(
        "cancel-not-allowed",
        seen(&world.output(&["cancel", "p-1"])).replace(&world.address(), "SERVER")
    );
    insta::assert_snapshot!(
        "complete-without-note",
        seen(&world.output(&["complete", "p-1"])).replace(&world.address(), "SERVER")
    );
    let dry = world.check(&["complete", "p-1", "--note", "asked", "--dry-run"], 0);
    assert!(dry.contains("would leave it completed") && dry.contains("vouched"), "{dry}");
    world.check(&["complete", "p-1", "--note", "asked", "--output", "{\"ok\":true}"], 0);
    assert_eq!(world.json(&["get", "p-1"], 0)["status"], "completed");
}

#[test]
fn a_saga_that_waits_is_paused_resumed_and_cancelled() {
    let world = World::new();
    world.check(&["run", "waits", "--id", "w-1"], 0);
    let said = world.check(&["run", "waits", "--id", "w-1", "--wait=2s"], 7);
    assert!(said.contains("running"), "{said}");
    let why = world.check(&["why", "w-1"], 0);
    assert!(why.contains("fly at away"), "{why}");
    world.check(&["pause", "w-1"], 0);
    world.check(&["pause", "w-1"], 4);
    world.check(&["cancel", "w-1", "--if-seq", "1"], 4);
    world.check(&["resume", "w-1", "missing"], 3);
    world.check(&["cancel", "w-1", "--note", "not wanted", "--by", "ann"], 0);
    let journal = world.check(&["events", "w-1"], 0);
    assert!(journal.contains("verb=cancel") && journal.contains("by=ann note=not wanted"), "{journal}");
    world.check(&["run", "waits", "--id", "w-1", "--wait"], 1);
    // Lists follow the journal with their own cursor, a moment behind it.
    let listed =
        |_| world.check(&["list", "--definition", "waits", "--status", "compensated"], 0).contains("w-1");
    assert!((0..200).any(listed), "{}", world.check(&["list"], 0));
    assert_eq!(world.json(&["list", "--status", "compensated", "--limit", "1"], 0)["sagas"][0]["id"], "w-1");
}

#[test]
fn a_batch_is_watched_to_its_end() {
    let world = World::new();
    for id in ["b-1", "b-2", "b-3"] {
        world.check(&["run", "parks", "--id", id, "--wait"], 6);
    }
    let dry = [
        "complete",
        "--query",
        "status=parked,compensating,definition=parks",
        "--note",
        "asked",
        "--dry-run",
    ];
    let said = world.check(&dry, 0);
    assert!(said.contains("complete would be asked of 3 sagas") && said.contains("  b-1\n"), "{said}");
    let query =
        ["complete", "--query", "status=parked,definition=parks", "--rate", "1000/s", "--note", "asked"];
    let said = world.check(&query, 0);
    assert!(said.contains("complete: 3 of 3 sagas; 0 refused"), "{said}");
    for id in ["b-1", "b-2", "b-3"] {
        assert_eq!(world.json(&["get", id], 0)["status"], "completed", "{id}");
    }
    let batches = world.json(&["batches"], 0);
    let id = batches["batches"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(batches["batches"].as_array().map(Vec::len), Some(1), "{batches}");
    let listed = world.check(&["batches"], 0);
    assert!(listed.contains(&id) && listed.contains("3 of 3") && listed.contains("asked"), "{listed}");
    assert!(world.check(&["batches", &id], 0).contains("complete: 3 of 3 sagas; 0 refused"));
    assert_eq!(world.json(&["batches", &id, "--cancel"], 0)["state"], "completed", "it was over");
}

#[test]
fn what_is_left_of_a_dropped_saga_is_said() {
    let mut world = World::new();
    world.check(&["run", "refused", "--id", "d-1", "--wait"], 1);
    world.restart(&["--retention", "0s"]);
    let gone = |_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        world.output(&["get", "d-1"]).status.code() == Some(3)
    };
    assert!((0..500).any(gone), "{}", world.check(&["get", "d-1"], 3));
    let said = seen(&world.output(&["get", "d-1"]));
    assert!(said.contains("compensated: refused v1, accepted") && said.contains("pay: shop"), "{said}");
    let cancel = seen(&world.output(&["cancel", "d-1"]));
    assert!(cancel.contains("[saga_dropped]"), "{cancel}");
    assert_eq!(world.json(&["run", "refused", "--id", "d-1", "--wait"], 1)["dropped"], true);
    let several = world.output(&["cancel", "d-1", "nope", "--json"]);
    let lines = String::from_utf8(several.stderr).expect("UTF-8");
    let codes: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&codes[0]["code"], &codes[1]["code"]), (&"saga_dropped".into(), &"saga_not_found".into()));
}

#[test]
fn a_service_that_is_needed_and_gone_is_named() {
    let mut world = World::new();
    world.check(&["run", "waits", "--id", "s-1"], 0);
    let file = world.folder().join("ondol.yaml");
    let system = std::fs::read_to_string(&file).expect("read");
    let without = system.replace("  away: {", "  far: {").replace("away POST", "far POST");
    std::fs::write(world.folder().join("without.yaml"), &without).expect("written");
    let refused = seen(&world.output(&["apply", "without.yaml"]));
    assert!(refused.starts_with("exit: 4") && refused.contains("sagas: s-1"), "{refused}");
    std::fs::write(&file, without).expect("written");
    world.restart(&[]);
    let told = |_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let why = world.check(&["why", "s-1"], 0);
        why.contains("Add the service away to the system file") && why.contains("ondol apply FILE")
    };
    assert!((0..500).any(told), "{}", world.check(&["why", "s-1"], 0));
    world.check(&["edit", "s-1", "--input", "null", "--note", "none"], 0);
    assert!(world.check(&["why", "s-1"], 0).contains("with null"));
}

#[test]
fn a_crash_of_the_server_is_waited_out() {
    let mut world = World::new();
    world.check(&["run", "waits", "--id", "c-1"], 0);
    let mut waiting = world.command(&["run", "waits", "--id", "c-1", "--wait"]);
    let waiting = waiting.stdout(std::process::Stdio::piped()).spawn().expect("the binary runs");
    // Whenever the crash comes, before the wait or in the midst of it, the end is the same.
    world.restart(&[]);
    world.check(&["cancel", "c-1"], 0);
    let output = waiting.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{}", seen(&output));
}

#[test]
fn errors_have_their_own_exit_codes() {
    let world = World::with_token(Some("0123456789abcdef"));
    std::fs::write(world.folder().join("bad.yaml"), "ondol: 1\nsagas: { a: { steps: [] } }\n")
        .expect("written");
    std::fs::write(world.folder().join("other"), "wrong").expect("written");
    let table: &[(&str, &[&str])] = &[
        ("get-missing", &["get", "nope"]),
        ("get-bad-id", &["get", "no pe"]),
        ("run-unknown-definition", &["run", "nope"]),
        ("apply-bad", &["apply", "bad.yaml"]),
        ("token-missing", &["get", "x", "--token", ""]),
        ("token-wrong-json", &["get", "x", "--token", "wrong", "--json"]),
        ("batch-bad-status", &["cancel", "--query", "status=lost"]),
        ("list-bad-status", &["list", "--status", "lost"]),
        ("batch-missing", &["batches", "nope"]),
    ];
    for (name, args) in table {
        let said = seen(&world.output(args)).replace(&world.address(), "SERVER");
        insta::assert_snapshot!(format!("error-{name}"), format!("$ ondol {}\n{said}", args.join(" ")));
    }
    let applied = world.check(&["apply", "ondol.yaml"], 0);
    assert!(applied.contains("good v1"), "{applied}");
}

#[test]
fn a_server_that_cannot_start_says_why_and_one_that_is_told_to_stop_does() {
    let mut world = World::new();
    std::fs::write(world.folder().join("bad.yaml"), "ondol: 1\nsagas: { a: { steps: [] } }\n")
        .expect("written");
    let address = world.address();
    let table: &[(&str, &[&str])] = &[
        ("address-taken", &["serve", "--listen", &address, "--data", "other"]),
        ("bad-config", &["serve", "--listen", "127.0.0.1:0", "--config", "bad.yaml", "--data", "other"]),
        ("no-config", &["serve", "--listen", "127.0.0.1:0", "--config", "missing.yaml", "--data", "other"]),
        ("no-token", &["serve", "--listen", "0.0.0.0:0", "--data", "other"]),
        ("bad-filter", &["serve", "--log", "a=b=c"]),
    ];
    for (name, args) in table {
        let said = seen(&world.output(args)).replace(&address, "SERVER");
        insta::assert_snapshot!(format!("serve-{name}"), said);
    }
    // The message names the process that has it, whose number is never the same.
    let taken = seen(&world.output(&["serve", "--listen", "127.0.0.1:0", "--data", "data"]));
    assert!(taken.starts_with("exit: 9") && taken.contains("it is in use by process"), "{taken}");
    assert_eq!(world.terminate(), Some(0));
}

#[test]
fn the_demo_shows_one_saga_of_each_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = crate::support::run(folder.path(), &["demo", "--once"]);
    let said = seen(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("completed") && said.contains("compensated"), "{said}");
    assert_eq!(folder.path().read_dir().expect("readable").count(), 0, "the demo leaves nothing behind");
}
