//! Something to be told.

use std::time::Duration;

use eframe::egui::{Align, Key, Layout, Modifiers, Ui};
use parlance_signer_protocol::approver::Verdict;

use super::{
    arming::SETTLE,
    parts::{self, Weight},
    question::{Form, Now},
};

pub struct NoticeForm {
    title: String,
    lines: Vec<String>,
}

impl NoticeForm {
    pub fn new(title: String, lines: Vec<String>) -> Self {
        Self { title, lines }
    }
}

impl Form for NoticeForm {
    fn body(&mut self, ui: &mut Ui, _now: &Now) -> f32 {
        parts::title(ui, &self.title);
        for line in &self.lines {
            parts::say(ui, line);
        }
        ui.cursor().top()
    }

    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        let on_nothing = ui.memory(|m| m.focused().is_none());
        let entered = now.takes_keys && on_nothing && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
        let layout = Layout::top_down_justified(Align::Center);
        let tip = "Go on (Alt+G or Enter)";
        let response = ui.with_layout(layout, |ui| parts::wide(ui, "Go on", Weight::Yes, now.why_not.as_deref(), tip)).inner;
        (now.why_not.is_none() && (response.clicked() || now.yes_key || entered)).then_some(Verdict::Approved { password: None })
    }

    fn delay(&self) -> Duration {
        SETTLE
    }
}
