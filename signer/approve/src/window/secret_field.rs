//! The field in which a secret is typed. Its own widget, since a text edit of the toolkit keeps what was typed for undoing.

use eframe::egui::{self, Align2, Event, EventFilter, Key, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{
    look::{self, Look},
    parts,
    secret_text::{SecretText, Step},
};

/// A secret with its field.
pub struct SecretField {
    pub text: SecretText,
    name: &'static str,
    hint: &'static str,
    shown: bool,
    full: bool,
}

/// What happened in the field in this frame.
#[derive(Default)]
pub struct Typed {
    /// Enter was pressed.
    pub entered: bool,
    pub id: Option<egui::Id>,
}

impl SecretField {
    /// `name` is what a screen reader says.
    pub fn new(name: &'static str, hint: &'static str) -> Self {
        Self { text: SecretText::new(), name, hint, shown: false, full: false }
    }

    /// The field with a button beside it that shows or hides what is typed. Keys are taken where `takes_keys`.
    pub fn show(&mut self, ui: &mut Ui, takes_keys: bool) -> Typed {
        let button = 84.0;
        let mut typed = Typed::default();
        ui.horizontal(|ui| {
            let width = (ui.available_width() - button - ui.spacing().item_spacing.x).max(80.0);
            typed = self.field(ui, width, takes_keys);
            let words = if self.shown { "Hide" } else { "Show" };
            let response = ui.add_sized(vec2(button, 38.0), egui::Button::new(words));
            let named = format!("{words}: {}", self.name);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &named));
            parts::ring(ui, &response);
            if response.on_hover_text("Show or hide what is typed").clicked() {
                self.shown = !self.shown;
            }
        });
        if self.full {
            ui.colored_label(Look::of(ui).gone, "That is longer than anything expected here, so it was not taken.");
        }
        typed
    }

    fn field(&mut self, ui: &mut Ui, width: f32, takes_keys: bool) -> Typed {
        let look = Look::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(width, 38.0), Sense::click());
        let id = response.id;
        if response.clicked() {
            response.request_focus();
        }
        let focused = response.has_focus();
        let mut typed = Typed { entered: false, id: Some(id) };
        if focused {
            let filter = EventFilter { horizontal_arrows: true, escape: true, ..EventFilter::default() };
            ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
            if takes_keys {
                typed.entered = self.keys(ui);
            }
        }
        self.paint(ui, rect, focused, look);
        let dots = "•".repeat(self.text.chars());
        response.widget_info(|| {
            let mut info = WidgetInfo::new(Role::PasswordInput);
            info.label = Some(self.name.to_owned());
            info.current_text_value = Some(dots.clone());
            info
        });
        parts::ring(ui, &response);
        typed
    }

    /// True where Enter was pressed.
    fn keys(&mut self, ui: &Ui) -> bool {
        let mut entered = false;
        let events = ui.input(|i| i.events.clone());
        for event in events {
            match event {
                Event::Text(text) | Event::Paste(text) => self.full = !self.text.insert(&text),
                Event::Key { key, pressed: true, modifiers, .. } => match key {
                    Key::Enter => entered = true,
                    Key::Backspace => self.text.rub_out(),
                    Key::Delete => self.text.delete(),
                    Key::U if modifiers.ctrl => self.text.clear(),
                    Key::ArrowLeft => self.text.step(Step::Back),
                    Key::ArrowRight => self.text.step(Step::Forward),
                    Key::Home => self.text.step(Step::Start),
                    Key::End => self.text.step(Step::End),
                    _ => {}
                },
                _ => {}
            }
        }
        entered
    }

    fn paint(&self, ui: &Ui, rect: egui::Rect, focused: bool, look: Look) {
        let painter = ui.painter_at(rect);
        let stroke = if focused { Stroke::new(1.5, look.accent) } else { Stroke::new(1.0, look.weak) };
        painter.rect(rect, 8.0, look.card, stroke, egui::StrokeKind::Inside);
        let inner = rect.shrink2(vec2(12.0, 4.0));
        if self.text.is_empty() && !focused {
            painter.text(inner.left_center(), Align2::LEFT_CENTER, self.hint, egui::FontId::proportional(15.0), look.weak);
        }
        let font = if self.shown { look::address() } else { egui::FontId::monospace(18.0) };
        let text = if self.shown { self.text.as_str().to_owned() } else { "•".repeat(self.text.chars()) };
        let galley = painter.layout_no_wrap(text, font, look.text);
        let caret = galley.pos_from_cursor(egui::text::CCursor::new(self.text.caret_chars())).left();
        // Keep the caret in sight.
        let shift = (caret - inner.width() + 2.0).max(0.0);
        let clipped = ui.painter_at(inner.expand2(vec2(2.0, 0.0)));
        clipped.galley(pos2(inner.left() - shift, inner.center().y - galley.size().y / 2.0), galley, look.text);
        if focused {
            let x = inner.left() - shift + caret;
            clipped.line_segment([pos2(x, inner.top() + 4.0), pos2(x, inner.bottom() - 4.0)], Stroke::new(1.5, look.text));
        }
    }
}
