//! What can be wrong with the bytes of a journal record.

use std::fmt;

/// Why a record is not a batch of events. The saga it belongs to cannot go on (`journal_illegal`);
/// its neighbours can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is not even a version.
    #[error("the journal record is empty; restore the data directory from a backup")]
    Empty,
    /// Another version wrote it.
    #[error(
        "the journal record has format version {found} and this Ondol reads 1 to {known}; \
         start the Ondol that wrote it, or a newer one"
    )]
    Version {
        /// The version of the record.
        found: u8,
        /// The newest version this code reads.
        known: u8,
    },
    /// A part of it is not protobuf, or not of the expected shape.
    #[error("the journal record's {part} is malformed; restore the data directory from a backup")]
    Malformed {
        /// Which part.
        part: Part,
        /// What the protobuf decoder says.
        source: prost::DecodeError,
    },
    /// A field has no meaning: a newer Ondol wrote it, or the record is damaged.
    #[error("the journal record's {part}: `{field}` {fault}; start the Ondol that wrote it, or a newer one")]
    Field {
        /// Which part.
        part: Part,
        /// The field, by its name in `journal.proto`.
        field: &'static str,
        /// What is wrong with it.
        fault: Fault,
    },
    /// It ends before its last event.
    #[error(
        "the journal record ends after {found} of {promised} events; restore the data directory from a backup"
    )]
    Short {
        /// Events that should be there.
        promised: u32,
        /// Events that are.
        found: u32,
    },
    /// It goes on after its last event.
    #[error("the journal record has {bytes} bytes too many; restore the data directory from a backup")]
    Surplus {
        /// How many.
        bytes: usize,
    },
}

/// A part of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the events share.
    Head,
    /// This event, numbered from 1 within the record.
    Event(u32),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("head"),
            Self::Event(number) => write!(f, "event {number}"),
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It must be there and is not. A choice that this Ondol does not know looks the same.
    Missing,
    /// This Ondol does not know this value of an enumeration.
    Unknown(i32),
    /// The number is above the largest the field can mean.
    TooLarge(u32),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing or of an unknown kind"),
            Self::Unknown(value) => write!(f, "has the unknown value {value}"),
            Self::TooLarge(value) => write!(f, "is {value}, which is too large"),
        }
    }
}
