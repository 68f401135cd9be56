//! The limits of a saga, each with its reason. The manual prints these; nothing else repeats the numbers.

/// Steps in one plan. 256 keeps every step set in four machine words, and no plan a person reads is longer.
pub const STEPS_MAX: usize = 256;

/// Bytes in a step name. It is part of every idempotency key and of every line a person reads.
pub const STEP_NAME_BYTES_MAX: usize = 48;

/// Largest `retry.attempts`. With the largest back-off that is several hours of trying; beyond it a person should know.
pub const ATTEMPTS_MAX: u32 = 64;

/// Longest single back-off, in milliseconds: one hour. A longer wait belongs into a schedule, not a retry.
pub const BACKOFF_MS_MAX: u64 = 3_600_000;

/// Longest `Retry-After` that is honoured, in milliseconds: ten minutes (DESIGN §6).
pub const RETRY_AFTER_MS_MAX: u64 = 600_000;

/// Longest forward timeout of a saga, in milliseconds: 400 days, as long as tombstones are kept.
pub const TIMEOUT_MS_MAX: u64 = 400 * DAY_MS;

/// One day in milliseconds.
pub const DAY_MS: u64 = 86_400_000;

/// How long a half that may not give up is retried before it needs a person: 24 hours from its first failure.
/// A night and a working day have passed by then.
pub const PATIENCE_MS: u64 = DAY_MS;

/// After this long in trouble a half that is still being retried is *shown* as stuck: 15 minutes.
pub const TROUBLE_SHOWN_MS: u64 = 15 * 60_000;

/// A compensation (or an unclean pivot) refused this often in a row needs a person: the same answer
/// three times, with back-off between, is an opinion and not an accident.
pub const REFUSALS_IN_A_ROW_MAX: u32 = 3;

/// New inputs a person may give one saga. Each is kept for ever, since halves already sent must render as before.
pub const EDITS_MAX: usize = 16;

/// Failures listed on one saga; later ones are in the journal only.
pub const FAILURES_MAX: usize = 64;

/// Notices one saga may owe; a saga parked more often than this tells nobody about the further times.
pub const NOTICES_MAX: usize = 64;

/// When a notice is sent again after a failed delivery, in milliseconds after that failure: the schedule that the
/// Standard Webhooks specification recommends (5 s … 24 h, about three days in all).
pub const NOTICE_RETRY_MS: [u64; 9] =
    [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000];
