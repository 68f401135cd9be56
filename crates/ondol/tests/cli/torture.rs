//! A server that dies at the worst moments, and what is left behind.

use crate::world::World;

#[test]
fn a_saga_comes_to_its_end_over_every_crash() {
    for (point, definition, code) in [
        ("after-append:1", "good", 0),
        ("after-append:2", "good", 0),
        ("after-answer:1", "good", 0),
        ("after-answer:2", "refused", 1),
        ("after-append:3", "refused", 1),
    ] {
        let mut world = World::new();
        world.restart(&["--die-at", point]);
        let mut run = world.command(&["run", definition, "--id", "t-1", "--wait"]);
        let run = run.stdout(std::process::Stdio::null()).spawn().expect("the binary runs");
        assert_eq!(world.died(), Some(6), "{point}: the server aborts itself");
        world.restart(&[]);
        let output = run.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(code), "{point}");
    }
}

#[test]
fn a_crash_in_the_midst_of_recovery_changes_nothing() {
    let mut world = World::new();
    world.check(&["run", "waits", "--id", "t-1"], 0);
    world.check(&["run", "waits", "--id", "t-2"], 0);
    for visit in ["mid-recovery:1", "mid-recovery:2"] {
        world.start_to_die(&["--die-at", visit]);
    }
    world.restart(&[]);
    for id in ["t-1", "t-2"] {
        world.check(&["cancel", id], 0);
        world.check(&["run", "waits", "--id", id, "--wait"], 1);
    }
}
