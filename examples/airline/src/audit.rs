//! Proof, by SQL over the five files, that nothing is inconsistent.
//!
//! What must hold once every saga has ended and every notice has arrived: a booking exists everywhere or nowhere,
//! money is neither made nor lost, a seat is sold once, and each user was told one outcome, the true one. It only
//! reads; run it when the services are at rest or gone (a file left by SIGKILL is recovered on opening).

use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Violations kept of each check: enough to see the pattern; the count of all is always told.
pub const VIOLATIONS_SHOWN_MAX: usize = 20;

/// The five files.
#[derive(Debug, Clone)]
pub struct Stores {
    /// The auth service's file.
    pub auth: PathBuf,
    /// The flight service's file.
    pub flight: PathBuf,
    /// The reservation service's file.
    pub reservation: PathBuf,
    /// The payment service's file.
    pub payment: PathBuf,
    /// The inbox's file.
    pub inbox: PathBuf,
}

impl Stores {
    /// `auth.db`, `flight.db`, … in one directory.
    pub fn in_directory(directory: &Path) -> Self {
        let file = |name: &str| directory.join(name).with_extension("db");
        Self {
            auth: file("auth"),
            flight: file("flight"),
            reservation: file("reservation"),
            payment: file("payment"),
            inbox: file("inbox"),
        }
    }
}

/// How an accepted saga may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything in effect.
    Completed,
    /// Nothing in effect.
    Compensated,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Compensated => "compensated",
        }
    }
}

/// A saga that Ondol accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Its id.
    pub saga: String,
    /// How it must have ended, if the caller knows.
    pub expected: Option<Outcome>,
}

/// What the audit found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is inconsistent, in sentences; empty is the proof.
    pub violations: Vec<String>,
    /// What there is.
    pub counts: Counts,
}

/// What there is in the five files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users verified for a saga.
    pub verified: i64,
    /// Reservations confirmed.
    pub confirmed: i64,
    /// Reservations cancelled.
    pub cancelled: i64,
    /// Seats held.
    pub seats: i64,
    /// Charges.
    pub charges: i64,
    /// Sum of all charges.
    pub charged: i64,
    /// Sum of all balances.
    pub balance: i64,
    /// Sum that was seeded.
    pub seeded: i64,
    /// Sagas whose users were told *confirmed*.
    pub completed: i64,
    /// Sagas whose users were told *failed finally*.
    pub compensated: i64,
    /// Sagas whose users were told to wait for a person.
    pub parked: i64,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is missing.
    #[error("cannot audit: there is no file {0}; has the service run?")]
    Missing(PathBuf),
    /// SQLite.
    #[error("cannot audit: {0}; are these files of the five services?")]
    Sqlite(#[from] rusqlite::Error),
}

/// A query each of whose rows is one violation: the saga, user or seat it is about.
struct Check {
    /// What is wrong with it.
    wrong: &'static str,
    rows: &'static str,
}

const CHECKS: &[Check] = &[
    Check {
        wrong: "the reservation is confirmed but its seat is not held by it",
        rows: "SELECT r.id FROM reservation.reservations AS r WHERE r.status = 'confirmed' AND NOT EXISTS
               (SELECT 1 FROM flight.seats AS s WHERE s.saga = r.id AND s.seat = r.seat)",
    },
    Check {
        wrong: "the reservation is confirmed but there is not exactly one charge for it",
        rows: "SELECT r.id FROM reservation.reservations AS r WHERE r.status = 'confirmed' AND 1 <>
               (SELECT count(*) FROM payment.charges AS c WHERE c.reference = r.id)",
    },
    Check {
        wrong: "the reservation is confirmed but its user was not told so",
        rows: "SELECT r.id FROM reservation.reservations AS r WHERE r.status = 'confirmed' AND NOT EXISTS
               (SELECT 1 FROM inbox.told AS t WHERE t.saga = r.id AND t.phase = 'completed')",
    },
    Check {
        wrong: "the reservation is cancelled but its user was not told that the booking failed",
        rows: "SELECT r.id FROM reservation.reservations AS r WHERE r.status = 'cancelled' AND NOT EXISTS
               (SELECT 1 FROM inbox.told AS t WHERE t.saga = r.id AND t.phase = 'compensated')",
    },
    Check {
        wrong: "the reservation was left half done: requested, neither confirmed nor cancelled",
        rows: "SELECT id FROM reservation.reservations WHERE status = 'requested'",
    },
    Check {
        wrong: "a seat is held but the reservation is not confirmed",
        rows: "SELECT s.saga FROM flight.seats AS s WHERE NOT EXISTS
               (SELECT 1 FROM reservation.reservations AS r WHERE r.id = s.saga AND r.status = 'confirmed')",
    },
    Check {
        wrong: "there is a charge but the reservation is not confirmed",
        rows: "SELECT c.reference FROM payment.charges AS c WHERE NOT EXISTS
               (SELECT 1 FROM reservation.reservations AS r WHERE r.id = c.reference AND r.status = 'confirmed')",
    },
    Check {
        wrong: "the user was told that the booking is confirmed but the reservation is not",
        rows: "SELECT t.saga FROM inbox.told AS t WHERE t.phase = 'completed' AND NOT EXISTS
               (SELECT 1 FROM reservation.reservations AS r WHERE r.id = t.saga AND r.status = 'confirmed')",
    },
    Check {
        wrong: "the user was told that the booking failed but a reservation stands",
        rows: "SELECT t.saga FROM inbox.told AS t WHERE t.phase = 'compensated' AND EXISTS
               (SELECT 1 FROM reservation.reservations AS r WHERE r.id = t.saga AND r.status <> 'cancelled')",
    },
    Check {
        wrong: "more than one final outcome is in the inbox",
        rows: "SELECT saga FROM inbox.notices WHERE phase IN ('completed', 'compensated')
               GROUP BY saga HAVING count(*) > 1",
    },
    Check {
        wrong: "the inbox has contradicting outcomes",
        rows: "SELECT saga FROM inbox.notices WHERE phase IN ('completed', 'compensated')
               GROUP BY saga HAVING count(DISTINCT phase) > 1",
    },
    Check {
        wrong: "one saga holds more than one seat",
        rows: "SELECT saga FROM flight.seats GROUP BY saga HAVING count(*) > 1",
    },
    Check {
        wrong: "the seat is sold more than once",
        rows: "SELECT flight || ' ' || seat FROM flight.seats GROUP BY flight, seat HAVING count(*) > 1",
    },
    Check {
        wrong: "the flight counts other seats than are held",
        rows: "SELECT flight FROM flight.flights AS f
                WHERE held <> (SELECT count(*) FROM flight.seats AS s WHERE s.flight = f.flight)",
    },
    Check { wrong: "the balance is below zero", rows: "SELECT user FROM payment.accounts WHERE balance < 0" },
    Check {
        wrong: "balance and charges together are not what was seeded",
        rows: "SELECT user FROM payment.accounts AS a WHERE a.seeded <> a.balance
               + (SELECT coalesce(sum(c.amount), 0) FROM payment.charges AS c WHERE c.user = a.user)",
    },
    Check {
        wrong: "the saga was accepted but its user was never told an outcome",
        rows: "SELECT a.saga FROM accepted AS a WHERE NOT EXISTS
               (SELECT 1 FROM inbox.told AS t WHERE t.saga = a.saga AND t.phase IN ('completed', 'compensated'))",
    },
    Check {
        wrong: "the saga ended otherwise than it had to",
        rows: "SELECT a.saga FROM accepted AS a JOIN inbox.told AS t ON t.saga = a.saga
                WHERE t.phase IN ('completed', 'compensated') AND t.phase <> a.expected",
    },
];

/// Looks at the five files. `accepted` adds that each of these sagas has ended and its user was told.
///
/// # Errors
/// [`Error`], if a file is missing or not what it should be.
pub fn audit(stores: &Stores, accepted: Option<&[Accepted]>) -> Result<Report, Error> {
    let connection = attach(stores)?;
    list_accepted(&connection, accepted.unwrap_or_default())?;
    let mut violations = Vec::new();
    for check in CHECKS {
        let mut statement = connection.prepare(check.rows)?;
        let about: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        violations
            .extend(about.iter().take(VIOLATIONS_SHOWN_MAX).map(|about| format!("{about}: {}", check.wrong)));
        if about.len() > VIOLATIONS_SHOWN_MAX {
            violations.push(format!("… {} in all: {}", about.len(), check.wrong));
        }
    }
    Ok(Report { violations, counts: count(&connection)? })
}

fn attach(stores: &Stores) -> Result<Connection, Error> {
    let connection = Connection::open_in_memory()?;
    let files = [
        ("auth", &stores.auth),
        ("flight", &stores.flight),
        ("reservation", &stores.reservation),
        ("payment", &stores.payment),
        ("inbox", &stores.inbox),
    ];
    for (name, path) in files {
        if !path.is_file() {
            return Err(Error::Missing(path.clone()));
        }
        connection.execute("ATTACH DATABASE ?1 AS ?2", (path.to_string_lossy(), name))?;
    }
    Ok(connection)
}

fn list_accepted(connection: &Connection, accepted: &[Accepted]) -> Result<(), rusqlite::Error> {
    connection.execute_batch("CREATE TABLE accepted (saga TEXT PRIMARY KEY, expected TEXT)")?;
    let transaction = connection.unchecked_transaction()?;
    let mut insert = transaction.prepare("INSERT OR REPLACE INTO accepted VALUES (?1, ?2)")?;
    for Accepted { saga, expected } in accepted {
        insert.execute((saga, expected.map(Outcome::as_str)))?;
    }
    drop(insert);
    transaction.commit()
}

fn count(connection: &Connection) -> Result<Counts, rusqlite::Error> {
    let number = |query: &str| connection.query_one(query, [], |row| row.get::<_, i64>(0));
    let reservations = |status: &str| {
        number(&format!("SELECT count(*) FROM reservation.reservations WHERE status = '{status}'"))
    };
    let told = |phase: &str| number(&format!("SELECT count(*) FROM inbox.told WHERE phase = '{phase}'"));
    Ok(Counts {
        verified: number("SELECT count(*) FROM auth.verifications")?,
        confirmed: reservations("confirmed")?,
        cancelled: reservations("cancelled")?,
        seats: number("SELECT count(*) FROM flight.seats")?,
        charges: number("SELECT count(*) FROM payment.charges")?,
        charged: number("SELECT coalesce(sum(amount), 0) FROM payment.charges")?,
        balance: number("SELECT coalesce(sum(balance), 0) FROM payment.accounts")?,
        seeded: number("SELECT coalesce(sum(seeded), 0) FROM payment.accounts")?,
        completed: told("completed")?,
        compensated: told("compensated")?,
        parked: told("parked")?,
    })
}
