//! One question while it is open: its form, its time, and whether a "yes" counts yet.

use std::time::{Duration, Instant};

use alloy_primitives::B256;
use eframe::egui::{self, Key, KeyboardShortcut, Modifiers, Ui};
use parlance_signer_protocol::approver::{Ask, Prompt, Verdict};

use super::{
    approval::ApprovalForm,
    arming::Arming,
    change::ChangeForm,
    choice::ChoiceForm,
    entry::TextForm,
    notice::NoticeForm,
    parts,
    remaining::Remaining,
    secrets::{NewPasswordForm, SecretForm},
    sight::Sight,
    words::WordsForm,
};

/// What a kind of question looks like and how it is answered.
pub trait Form {
    /// The part that scrolls. Gives the height down to which a person must have looked before a "yes" counts.
    fn body(&mut self, ui: &mut Ui, now: &Now) -> f32;
    /// The part at the bottom that is always in sight.
    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict>;
    /// How long to look.
    fn delay(&self) -> Duration;
    /// What to do first, on a button that waits.
    fn first(&self) -> &'static str {
        "Look first"
    }
    /// What stands in the window while the answer is on its way.
    fn meanwhile(&self) -> &'static str {
        "One moment..."
    }
}

/// What a form needs to know of this frame.
pub struct Now {
    /// In the first frame something takes the focus.
    pub first: bool,
    /// Why a "yes" does not count yet.
    pub why_not: Option<String>,
    /// Alt+A or Alt+G.
    pub yes_key: bool,
    /// Alt+P: to the password.
    pub password_key: bool,
    /// Keys count as typed for this question.
    pub takes_keys: bool,
}

/// A question while it is open.
pub struct Question {
    pub id: B256,
    pub remaining: Remaining,
    form: Box<dyn Form>,
    arming: Arming,
    settling: Arming,
    frames: u32,
    sight: Sight,
}

pub const APPROVE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::ALT, Key::A);
pub const GO_ON: KeyboardShortcut = KeyboardShortcut::new(Modifiers::ALT, Key::G);
pub const REJECT: KeyboardShortcut = KeyboardShortcut::new(Modifiers::ALT, Key::R);
pub const PASSWORD: KeyboardShortcut = KeyboardShortcut::new(Modifiers::ALT, Key::P);

impl Question {
    pub fn new(ask: Ask, now: Instant) -> Self {
        let form = form(ask.prompt);
        let arming = Arming::new(form.delay());
        let settling = Arming::new(super::arming::SETTLE);
        let remaining = Remaining::new(ask.seconds, now);
        Self { id: ask.id, remaining, form, arming, settling, frames: 0, sight: Sight::default() }
    }

    pub fn meanwhile(&self) -> &'static str {
        self.form.meanwhile()
    }

    /// Once a frame, before anything is drawn.
    pub fn begin(&mut self, ui: &Ui, now: Instant) -> Now {
        let focused = ui.input(|i| i.focused);
        // The first frame reaches the screen only after it was drawn.
        let shown = self.frames > 0 && focused;
        self.arming.look(shown && self.sight.all(), now);
        self.settling.look(shown, now);
        let why_not = if self.frames > 0 && !focused {
            Some("Click this window first".to_owned())
        } else if shown && !self.sight.all() {
            Some("Scroll down first".to_owned())
        } else {
            self.arming.words(self.form.first(), now)
        };
        let key = |shortcut| ui.input_mut(|i| i.consume_shortcut(&shortcut));
        let first = self.frames == 0;
        self.frames = self.frames.saturating_add(1);
        Now { first, why_not, yes_key: key(APPROVE) | key(GO_ON), password_key: key(PASSWORD), takes_keys: self.settling.armed(now) }
    }

    /// Draw the part that scrolls.
    pub fn body(&mut self, ui: &mut Ui, now: &Now) {
        let scroll = egui::ScrollArea::vertical().id_salt(self.id).auto_shrink(false);
        let output = scroll.show(ui, |ui| {
            keys_scroll(ui);
            let top = ui.cursor().top();
            let side = ((ui.available_width() - 640.0) / 2.0).clamp(18.0, 100.0) as i8;
            let frame = egui::Frame::new().inner_margin(egui::Margin { left: side, right: side, top: 14, bottom: 14 });
            frame.show(ui, |ui| self.form.body(ui, now)).inner - top
        });
        let scale = (ui.pixels_per_point(), output.inner_rect.width());
        self.sight.look(scale, output.inner, output.state.clamped_offset().y + output.inner_rect.height());
    }

    /// Draw the part at the bottom.
    pub fn bar(&mut self, ui: &mut Ui, now: &Now, clock: Instant) -> Option<Verdict> {
        self.clock(ui, clock);
        self.form.bar(ui, now)
    }

    /// The window lost the focus or was out of sight: the time to look begins again.
    pub fn interrupt(&mut self) {
        self.arming.interrupt();
        self.settling.interrupt();
    }

    /// When to draw again, if nothing happens before.
    pub fn next_change(&self, now: Instant) -> Duration {
        let mut next = self.remaining.next_change(now);
        for arming in [&self.arming, &self.settling] {
            if !arming.armed(now) {
                next = next.min(Duration::from_millis(100));
            }
        }
        next
    }

    /// The time that is left: in words, and as a thin bar.
    fn clock(&self, ui: &mut Ui, now: Instant) {
        let look = super::look::Look::of(ui);
        let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 3.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 1.5, look.line);
        let mut done = rect;
        done.set_width(rect.width() * self.remaining.share(now));
        ui.painter().rect_filled(done, 1.5, look.weak);
        parts::aside(ui, &self.remaining.words(now));
    }
}

/// Page Up and Page Down scroll; Ctrl+Home and Ctrl+End go to the ends.
fn keys_scroll(ui: &mut Ui) {
    let page = ui.clip_rect().height() * 0.9;
    let down = ui.input_mut(|i| {
        let mut pressed = |modifiers, key| i.consume_key(modifiers, key);
        match () {
            () if pressed(Modifiers::NONE, Key::PageDown) => page,
            () if pressed(Modifiers::NONE, Key::PageUp) => -page,
            () if pressed(Modifiers::CTRL, Key::End) => 1.0e6,
            () if pressed(Modifiers::CTRL, Key::Home) => -1.0e6,
            () => 0.0,
        }
    });
    if down != 0.0 {
        ui.scroll_with_delta_animation(egui::vec2(0.0, -down), egui::style::ScrollAnimation::none());
    }
}

/// Size of a window for a question, in points.
pub fn size(prompt: &Prompt) -> egui::Vec2 {
    match prompt {
        Prompt::Approve(_) | Prompt::Change { .. } | Prompt::ShowSecret { .. } => egui::vec2(640.0, 720.0),
        _ => egui::vec2(600.0, 460.0),
    }
}

fn form(prompt: Prompt) -> Box<dyn Form> {
    match prompt {
        Prompt::Approve(approval) => Box::new(ApprovalForm::new(approval)),
        Prompt::Change { title, old, new, notes, quote, level } => Box::new(ChangeForm::new(title, old, new, notes, quote, level)),
        Prompt::Password { title, notes } => Box::new(SecretForm::password(title, notes)),
        Prompt::SecretText { title, notes } => Box::new(SecretForm::text(title, notes)),
        Prompt::NewPassword { title, min_chars, notes } => Box::new(NewPasswordForm::new(title, min_chars, notes)),
        Prompt::Text { title, notes } => Box::new(TextForm::new(title, notes)),
        Prompt::Choose { title, options } => Box::new(ChoiceForm::new(title, options)),
        Prompt::ShowSecret { title, words, notes } => Box::new(WordsForm::new(title, words, notes)),
        Prompt::Notice { title, lines } => Box::new(NoticeForm::new(title, lines)),
    }
}
