//! A change of rules, contacts, prices, tokens or ledger: what is, and what would be.

use std::time::Duration;

use eframe::egui::{self, FontId, Frame, Margin, RichText, Role, Ui, WidgetInfo};
use parlance_signer_protocol::{Outcome, approver::Verdict};

use super::{
    answer::YesNo,
    arming::LOOK,
    difference::{Mark, Marked, sides},
    look::{self, Look},
    parts,
    question::{Form, Now},
};

/// Narrower than this, one side stands below the other.
const BESIDE: f32 = 560.0;

pub struct ChangeForm {
    title: String,
    old: Vec<String>,
    new: Vec<String>,
    notes: Vec<String>,
    quote: Option<String>,
    answer: YesNo,
}

impl ChangeForm {
    pub fn new(title: String, old: Vec<String>, new: Vec<String>, notes: Vec<String>, quote: Option<String>, level: Outcome) -> Self {
        Self { title, old, new, notes, quote, answer: YesNo::new(level) }
    }
}

impl Form for ChangeForm {
    fn body(&mut self, ui: &mut Ui, _now: &Now) -> f32 {
        parts::title(ui, &self.title);
        ui.add_space(4.0);
        let (old, new) = sides(&self.old, &self.new);
        if beside(ui.available_width(), old.len(), new.len()) {
            ui.columns_const(|[left, right]| {
                side(left, "Now", &old);
                side(right, "Then", &new);
            });
        } else {
            side(ui, "Now", &old);
            side(ui, "Then", &new);
        }
        ui.add_space(4.0);
        parts::warning_box(ui, "Note", &self.notes);
        let must_see = ui.cursor().top();
        parts::quote(ui, parts::YOU_SAID, self.quote.as_deref());
        must_see
    }

    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        self.answer.bar(ui, now)
    }

    fn delay(&self) -> Duration {
        LOOK
    }

    fn meanwhile(&self) -> &'static str {
        self.answer.meanwhile()
    }
}

/// Side by side where there is room, and something on both sides.
fn beside(width: f32, old: usize, new: usize) -> bool {
    width >= BESIDE && old > 0 && new > 0
}

fn side(ui: &mut Ui, title: &str, lines: &[Marked<'_>]) {
    parts::part(ui, title);
    parts::card(ui, |ui| {
        if lines.is_empty() {
            parts::aside(ui, "nothing");
        }
        for (mark, text) in lines {
            marked(ui, *mark, text);
        }
    });
}

/// A line with its sign: colour says nothing that the sign does not.
fn marked(ui: &mut Ui, mark: Mark, text: &str) {
    let look = Look::of(ui);
    let (sign, spoken, color, ground) = match mark {
        Mark::Same => ("   ", "Stays", look.text, look.card),
        Mark::Gone => ("−", "Goes", look.gone, look.gone_ground),
        Mark::Added => ("+", "New", look.added, look.added_ground),
    };
    Frame::new().fill(ground).corner_radius(4.0).inner_margin(Margin::symmetric(6, 3)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            let sign = ui.add(egui::Label::new(RichText::new(sign).font(FontId::new(15.0, look::strong())).color(color)).selectable(false));
            sign.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken));
            ui.vertical(|ui| parts::line(ui, text, &FontId::proportional(15.0), color));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_windows_stack_the_sides() {
        assert!(beside(600.0, 2, 3));
        assert!(!beside(320.0, 2, 3), "a 640-point window at 200 %");
        assert!(!beside(600.0, 0, 1), "nothing so far");
    }
}
