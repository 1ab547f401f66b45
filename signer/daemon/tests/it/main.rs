//! The daemon as a process: its pipes, its end, and kill -9 at every durable step.

mod kills;
mod pipes;
mod process;
mod withdraw;
