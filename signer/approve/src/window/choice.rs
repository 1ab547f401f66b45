//! One of several: by mouse, arrows or digits.

use std::time::Duration;

use eframe::egui::{self, Key, Modifiers, RichText, Role, Sense, Stroke, Ui, WidgetInfo};
use parlance_signer_protocol::approver::Verdict;

use super::{
    arming::SETTLE,
    look::{self, Look},
    parts,
    question::{Form, Now},
    secrets::cancel_or,
};
use crate::render::clean;

pub struct ChoiceForm {
    title: String,
    options: Vec<String>,
    chosen: Option<usize>,
}

impl ChoiceForm {
    pub fn new(title: String, options: Vec<String>) -> Self {
        Self { title, options, chosen: None }
    }

    fn option(&mut self, ui: &mut Ui, index: usize) {
        let look = Look::of(ui);
        let Some(text) = self.options.get(index) else {
            return;
        };
        let text = clean(text);
        let chosen = self.chosen == Some(index);
        let font = egui::FontId::proportional(16.0);
        let galley = ui.painter().layout(format!("{}   {text}", index + 1), font, look.text, ui.available_width() - 60.0);
        let size = egui::vec2(ui.available_width(), galley.size().y + 24.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let stroke = if chosen { Stroke::new(2.0, look.accent) } else { Stroke::new(1.0, look.line) };
        ui.painter().rect(rect, 10.0, look.card, stroke, egui::StrokeKind::Inside);
        let dot = egui::pos2(rect.left() + 24.0, rect.center().y);
        ui.painter().circle_stroke(dot, 8.0, Stroke::new(1.5, if chosen { look.accent } else { look.weak }));
        if chosen {
            ui.painter().circle_filled(dot, 4.5, look.accent);
        }
        ui.painter().galley(egui::pos2(rect.left() + 46.0, rect.center().y - galley.size().y / 2.0), galley, look.text);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, &text));
        parts::ring(ui, &response);
        if response.clicked() {
            self.chosen = Some(index);
            response.scroll_to_me(None);
        }
    }
}

/// Where arrows and digits lead.
fn moved(chosen: Option<usize>, key: Key, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let digit = |n: usize| if n <= last { Some(n) } else { chosen };
    match key {
        Key::ArrowDown => Some(chosen.map_or(0, |c| (c + 1).min(last))),
        Key::ArrowUp => Some(chosen.map_or(last, |c| c.saturating_sub(1))),
        Key::Num1 => digit(0),
        Key::Num2 => digit(1),
        Key::Num3 => digit(2),
        Key::Num4 => digit(3),
        Key::Num5 => digit(4),
        Key::Num6 => digit(5),
        Key::Num7 => digit(6),
        Key::Num8 => digit(7),
        Key::Num9 => digit(8),
        _ => chosen,
    }
}

const KEYS: &[Key] =
    &[Key::ArrowDown, Key::ArrowUp, Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

impl Form for ChoiceForm {
    fn body(&mut self, ui: &mut Ui, _now: &Now) -> f32 {
        parts::title(ui, &self.title);
        let look = Look::of(ui);
        ui.label(RichText::new("Arrow keys or digits choose, Enter goes on.").font(look::small()).color(look.weak));
        ui.add_space(4.0);
        for index in 0..self.options.len() {
            self.option(ui, index);
        }
        ui.cursor().top()
    }

    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        let mut entered = false;
        if now.takes_keys {
            for key in KEYS {
                // A slow frame can bring several presses.
                for _ in 0..ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, *key)) {
                    self.chosen = moved(self.chosen, *key, self.options.len());
                }
            }
            let on_nothing = ui.memory(|m| m.focused().is_none());
            entered = on_nothing && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
        }
        let why_not = if self.chosen.is_none() { Some("Choose one first") } else { now.why_not.as_deref() };
        match cancel_or(ui, "Go on", why_not, now, entered)? {
            true => Some(Verdict::Chosen { index: u32::try_from(self.chosen?).unwrap_or(u32::MAX) }),
            false => Some(Verdict::Rejected),
        }
    }

    fn delay(&self) -> Duration {
        SETTLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arrows_and_digits_choose() {
        assert_eq!(moved(None, Key::ArrowDown, 3), Some(0));
        assert_eq!(moved(Some(2), Key::ArrowDown, 3), Some(2));
        assert_eq!(moved(None, Key::ArrowUp, 3), Some(2));
        assert_eq!(moved(Some(0), Key::Num3, 3), Some(2));
        assert_eq!(moved(Some(0), Key::Num4, 3), Some(0), "there is no fourth");
        assert_eq!(moved(None, Key::Num1, 0), None);
    }

    proptest! {
        #[test]
        fn what_is_chosen_exists(count in 0usize..12, keys in proptest::collection::vec(0usize..KEYS.len(), 0..20)) {
            let mut chosen = None;
            for key in keys {
                chosen = moved(chosen, KEYS[key], count);
                prop_assert!(chosen.is_none_or(|c| c < count));
            }
        }
    }
}
