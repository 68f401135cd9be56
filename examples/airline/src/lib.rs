//! The running example: auth, flight, reservation, payment and inbox.
