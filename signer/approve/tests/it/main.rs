//! The real approver with this test as the signer: on a pseudo-terminal, and in a window on a display of its own.

mod accessibility;
mod approver;
mod signer;
mod terminal;
mod window;
