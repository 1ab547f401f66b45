//! The owner's models: files that are whole, cut off and damaged; the store; downloads from a server that misbehaves.

mod download;
mod files;
mod sample;
mod server;
mod stored;
