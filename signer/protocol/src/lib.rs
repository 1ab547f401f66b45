//! The frames between wallet, signer and approver: all that a wallet process links of the signer.
//!
//! Two pipes speak this format. On the *client socket* a wallet process sends [`Request`]s and gets [`Response`]s,
//! one in flight. On the *approver socket* the signer sends [`approver::ToApprover`]s and gets [`approver::Answer`]s.
//! Secrets travel on the approver socket only.

pub mod approver;
mod client;
mod error;
mod frame;
mod inherit;
mod messages;

pub use client::Client;
pub use error::ProtocolError;
pub use frame::{MAX_FRAME, VERSION, read_frame, write_frame};
pub use inherit::inherited_socket;
pub use messages::*;
