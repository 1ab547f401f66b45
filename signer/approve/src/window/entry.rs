//! A plain text: a name, an address, a path.

use std::time::Duration;

use eframe::egui::{self, Role, TextEdit, Ui, WidgetInfo};
use parlance_signer_protocol::approver::Verdict;

use super::{
    arming::SETTLE,
    parts,
    question::{Form, Now},
    secrets::{cancel_or, heading},
};
use crate::render::clean;

pub struct TextForm {
    title: String,
    notes: Vec<String>,
    text: String,
    entered: bool,
}

impl TextForm {
    pub fn new(title: String, notes: Vec<String>) -> Self {
        Self { title, notes, text: String::new(), entered: false }
    }
}

impl Form for TextForm {
    fn body(&mut self, ui: &mut Ui, now: &Now) -> f32 {
        heading(ui, &self.title, &self.notes);
        let field = TextEdit::singleline(&mut self.text).interactive(now.takes_keys || now.first).align(egui::Align2::LEFT_CENTER);
        let response = ui.add_sized(egui::vec2(ui.available_width(), 38.0), field.char_limit(4096));
        let name = clean(&self.title);
        response.widget_info(|| WidgetInfo { label: Some(name.clone()), ..WidgetInfo::new(Role::TextInput) });
        parts::ring(ui, &response);
        self.entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        if now.first || now.password_key || (!now.takes_keys && !response.has_focus()) {
            response.request_focus();
        }
        ui.cursor().top()
    }

    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        match cancel_or(ui, "Go on", now.why_not.as_deref(), now, self.entered)? {
            true => Some(Verdict::Text { text: self.text.trim().to_owned() }),
            false => Some(Verdict::Rejected),
        }
    }

    fn delay(&self) -> Duration {
        SETTLE
    }
}
