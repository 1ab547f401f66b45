//! Secret words on the screen: painted, not labels, so that they can't be selected, copied or read over the
//! accessibility bus unless the owner wants them spoken.

use std::time::Duration;

use eframe::egui::{self, Align2, FontId, RichText, Role, Sense, Ui, WidgetInfo};
use parlance_signer_protocol::approver::Verdict;
use zeroize::Zeroizing;

use super::{
    arming::WRITE,
    look::{self, Look},
    parts::{self, Weight},
    question::{Form, Now},
};
use crate::render::clean;

pub struct WordsForm {
    title: String,
    words: Vec<Zeroizing<String>>,
    notes: Vec<String>,
    spoken: bool,
}

impl WordsForm {
    pub fn new(title: String, words: Vec<String>, notes: Vec<String>) -> Self {
        Self { title, words: words.into_iter().map(Zeroizing::new).collect(), notes, spoken: false }
    }

    fn grid(&self, ui: &mut Ui, look: Look) {
        let columns = columns(ui.available_width(), self.words.len());
        let numbered = self.words.len() > 1;
        for row in self.words.chunks(columns).enumerate() {
            let (index, words) = row;
            ui.columns(columns, |cells| {
                for (i, (cell, word)) in cells.iter_mut().zip(words).enumerate() {
                    let number = index * columns + i + 1;
                    self.word(cell, numbered.then_some(number), word, look);
                }
            });
        }
    }

    fn word(&self, ui: &mut Ui, number: Option<usize>, word: &str, look: Look) {
        let font = FontId::monospace(if number.is_some() { 16.0 } else { 14.5 });
        let left = if number.is_some() { 40.0 } else { 12.0 };
        let room = (ui.available_width() - left - 8.0).max(40.0);
        let galley = ui.painter().layout(clean(word), font, look.text, room);
        let size = egui::vec2(ui.available_width(), galley.size().y.max(20.0) + 14.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        ui.painter().rect_filled(rect, 6.0, look.ground);
        if let Some(number) = number {
            let at = egui::pos2(rect.left() + 30.0, rect.center().y);
            ui.painter().text(at, Align2::RIGHT_CENTER, number.to_string(), FontId::proportional(13.0), look.weak);
        }
        ui.painter().galley(egui::pos2(rect.left() + left, rect.center().y - galley.size().y / 2.0), galley, look.text);
        if self.spoken {
            let spoken = Zeroizing::new(format!("{} {word}", number.map(|n| n.to_string()).unwrap_or_default()));
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken.as_str()));
        }
    }
}

/// As many as fit, of equal width; a single line takes all of it.
fn columns(width: f32, words: usize) -> usize {
    match (words, width) {
        (0 | 1, _) => 1,
        (_, w) if w >= 520.0 => 4,
        (_, w) if w >= 400.0 => 3,
        (_, w) if w >= 270.0 => 2,
        _ => 1,
    }
}

impl Form for WordsForm {
    fn body(&mut self, ui: &mut Ui, _now: &Now) -> f32 {
        let look = Look::of(ui);
        parts::title(ui, &self.title);
        for note in &self.notes {
            parts::say(ui, note);
        }
        ui.add_space(4.0);
        parts::card(ui, |ui| self.grid(ui, look));
        let words = RichText::new("Let my screen reader speak the words").font(look::small());
        let response = ui.checkbox(&mut self.spoken, words);
        parts::ring(ui, &response);
        response.on_hover_text("Other programs can listen to what a screen reader is told");
        ui.cursor().top()
    }

    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        let (no, yes) = parts::two(
            ui,
            |ui| parts::wide(ui, "Stop", Weight::No, None, "Stop without having written them down (Alt+R or Escape)"),
            |ui| {
                let tip = "They leave the screen then (Alt+G)";
                parts::wide(ui, "I have written them down", Weight::Yes, now.why_not.as_deref(), tip)
            },
        );
        if no.clicked() {
            return Some(Verdict::Rejected);
        }
        (now.why_not.is_none() && (yes.clicked() || now.yes_key)).then_some(Verdict::Approved { password: None })
    }

    fn delay(&self) -> Duration {
        WRITE
    }

    fn first(&self) -> &'static str {
        "Write them down first"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_as_many_columns_as_fit() {
        assert_eq!(columns(600.0, 24), 4);
        assert_eq!(columns(300.0, 24), 2);
        assert_eq!(columns(200.0, 12), 1);
        assert_eq!(columns(600.0, 1), 1, "a key is one line");
    }
}
