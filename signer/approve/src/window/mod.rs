//! Questions in a window of the signer's own.
//!
//! A window is opened for a question and closed when the signer rests: a fresh one comes to the front by itself, also
//! where a program may not show or raise a window that is there. Nothing stays in between, no picture and no text.

mod address;
mod answer;
mod app;
mod approval;
mod arming;
mod change;
mod choice;
mod difference;
mod entry;
mod link;
mod look;
mod notice;
mod parts;
mod preference;
mod question;
mod remaining;
mod secret_field;
mod secret_text;
mod secrets;
mod sight;
mod words;

use std::os::unix::net::UnixStream;

use eframe::egui::{self, Theme, ViewportBuilder, WindowLevel};
use parlance_signer_protocol::approver::{Ask, Verdict};

use crate::error::ApproveError;
use link::Link;

/// What the owner set for the windows of this session.
pub struct Preferences {
    zoom: f32,
    /// `None`: as the system says.
    theme: Option<Theme>,
}

/// Where windows can be opened.
pub struct Window {
    preferences: Preferences,
}

impl Window {
    /// Make sure that there is a display that windows can be drawn on; nothing is shown.
    pub fn open(dark: Option<bool>) -> Result<Self, ApproveError> {
        let display = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"].iter().any(|v| std::env::var_os(v).is_some_and(|v| !v.is_empty()));
        if !display {
            return Err(ApproveError::NoWindow("neither WAYLAND_DISPLAY nor DISPLAY is set".into()));
        }
        // A window is made and thrown away before it is shown: display server, window and graphics all work then.
        let mut made = false;
        let probed = eframe::run_native(
            "parlance-signer",
            options(None),
            Box::new(|_| {
                made = true;
                Err("only tried".into())
            }),
        );
        match probed {
            Err(_) if made => {}
            Err(e) => return Err(ApproveError::NoWindow(e.to_string())),
            Ok(()) => return Err(ApproveError::NoWindow("it closed at once".into())),
        }
        let theme = dark.map(|dark| if dark { Theme::Dark } else { Theme::Light });
        Ok(Self { preferences: Preferences { zoom: 1.0, theme } })
    }

    /// Answer the signer's questions until it goes away.
    pub fn serve(mut self, signer: UnixStream) -> Result<(), ApproveError> {
        let mut link = Link::new(signer)?;
        while let Some(ask) = link.next_ask()? {
            self.ask(ask, &mut link)?;
        }
        Ok(())
    }

    /// Open a window for a question and for those that follow on it at once.
    fn ask(&mut self, ask: Ask, link: &mut Link) -> Result<(), ApproveError> {
        let id = ask.id;
        let mut failed = None;
        let mut opened = false;
        let preferences = &mut self.preferences;
        let run = eframe::run_native(
            "parlance-signer",
            options(Some(question::size(&ask.prompt) * preferences.zoom)),
            Box::new(|context| {
                opened = true;
                Ok(Box::new(app::Asking::new(&context.egui_ctx, ask, link, preferences, &mut failed)))
            }),
        );
        link.wakes(None);
        match (failed, run) {
            (Some(e), _) => Err(e),
            (None, Ok(())) => Ok(()),
            // The display went away: said to the signer, which does not take it for a "yes".
            (None, Err(e)) => {
                eprintln!("parlance-approve: {e}");
                link.answer(id, Verdict::Unavailable { reason: format!("no window can be opened ({e})") })
            }
        }
    }
}

/// For a window of this size; for one that is never shown without.
fn options(size: Option<egui::Vec2>) -> eframe::NativeOptions {
    let visible = size.is_some();
    let viewport = ViewportBuilder::default()
        .with_title("Parlance signer")
        .with_app_id("parlance-signer")
        .with_icon(look::icon())
        .with_inner_size(size.unwrap_or(egui::vec2(340.0, 320.0)))
        .with_min_inner_size([340.0, 320.0])
        .with_window_level(WindowLevel::AlwaysOnTop)
        .with_active(visible)
        .with_visible(visible);
    eframe::NativeOptions { viewport, centered: true, persist_window: false, ..eframe::NativeOptions::default() }
}
