//! The window while it is open: menu, question, answers.

use std::time::{Duration, Instant};

use eframe::egui::{
    self, Key, KeyboardShortcut, Modifiers, Rect, RichText, Theme, Ui, UiBuilder, ViewportCommand, containers::menu::MenuBar, vec2,
};
use parlance_signer_protocol::approver::{Ask, ToApprover, Verdict};

use super::{
    Preferences,
    link::Link,
    look::{self, Look},
    parts, preference,
    question::{self, Question, REJECT},
};
use crate::error::ApproveError;

/// How long the window waits for what follows on an answer; the signer says when nothing does.
const PATIENCE: Duration = Duration::from_secs(30);

const INCIDENT: KeyboardShortcut = KeyboardShortcut::new(Modifiers::CTRL.plus(Modifiers::SHIFT), Key::L);

/// From a question until nothing more is asked.
pub struct Asking<'a> {
    link: &'a mut Link,
    preferences: &'a mut Preferences,
    failed: &'a mut Option<ApproveError>,
    stage: Stage,
    bar_height: f32,
    east_asian: bool,
}

enum Stage {
    Open(Box<Question>),
    /// Answered; another question may follow.
    Waiting {
        since: Instant,
        words: &'static str,
    },
    Closing,
}

impl<'a> Asking<'a> {
    pub fn new(
        context: &egui::Context,
        ask: Ask,
        link: &'a mut Link,
        preferences: &'a mut Preferences,
        failed: &'a mut Option<ApproveError>,
    ) -> Self {
        look::set(context, preferences.theme.or_else(preference::system));
        context.set_zoom_factor(preferences.zoom);
        link.wakes(Some(context.clone()));
        let mut asking = Self { link, preferences, failed, stage: Stage::Closing, bar_height: 120.0, east_asian: false };
        asking.fonts(context, &ask, true);
        asking.stage = Stage::Open(Box::new(Question::new(ask, Instant::now())));
        asking
    }

    /// Large fonts are loaded once something needs them.
    fn fonts(&mut self, context: &egui::Context, ask: &Ask, first: bool) {
        let text = crate::render::lines(&ask.prompt).join(" ");
        let needed = look::needs_east_asian(&text);
        if first || (needed && !self.east_asian) {
            self.east_asian |= needed;
            context.set_fonts(look::fonts(&text));
        }
    }

    /// What the signer says meanwhile.
    fn hear(&mut self, context: &egui::Context, now: Instant) {
        loop {
            match self.link.heard() {
                Ok(None) => return,
                Ok(Some(ToApprover::Ask(ask))) => {
                    self.fonts(context, &ask, false);
                    grow(context, question::size(&ask.prompt));
                    self.stage = Stage::Open(Box::new(Question::new(ask, now)));
                    context.send_viewport_cmd(ViewportCommand::Minimized(false));
                    context.send_viewport_cmd(ViewportCommand::Focus);
                }
                Ok(Some(ToApprover::Withdraw { id })) => {
                    if matches!(&self.stage, Stage::Open(question) if question.id == id) {
                        self.stage = Stage::Closing;
                    }
                }
                Ok(Some(ToApprover::Rest {})) => {
                    if matches!(self.stage, Stage::Waiting { .. }) {
                        self.stage = Stage::Closing;
                    }
                }
                Err(e) => return self.fail(e),
            }
        }
    }

    fn say(&mut self, verdict: Verdict, now: Instant) {
        let Stage::Open(question) = &self.stage else {
            return;
        };
        let (id, words) = (question.id, question.meanwhile());
        // Before anything else: what was typed or shown leaves this process's memory with the form.
        self.stage = Stage::Waiting { since: now, words };
        if let Err(e) = self.link.answer(id, verdict) {
            self.fail(e);
        }
    }

    fn fail(&mut self, error: ApproveError) {
        *self.failed = Some(error);
        self.stage = Stage::Closing;
    }

    fn menu(&mut self, ui: &mut Ui) -> Option<Verdict> {
        let mut said = None;
        let look = Look::of(ui);
        MenuBar::new().ui(ui, |ui| {
            ui.add_space(8.0);
            let menu = ui.menu_button("☰  Menu", |ui| {
                let incident = ui.button(RichText::new("Reject and lock everything").color(look.gone));
                let incident = incident.on_hover_text("Locks the wallet at once and lists what can be revoked (Ctrl+Shift+L)");
                if incident.clicked() {
                    said = Some(Verdict::Incident);
                    ui.close();
                }
                ui.separator();
                for (words, factor) in [("Larger (Ctrl +)", 1.1), ("Smaller (Ctrl −)", 1.0 / 1.1), ("Normal size (Ctrl 0)", 0.0)] {
                    if ui.button(words).clicked() {
                        let zoom = if factor == 0.0 { 1.0 } else { (ui.ctx().zoom_factor() * factor).clamp(0.5, 4.0) };
                        ui.ctx().set_zoom_factor(zoom);
                    }
                }
                ui.separator();
                for (words, theme) in [("Light", Theme::Light), ("Dark", Theme::Dark)] {
                    if ui.radio(ui.visuals().dark_mode == (theme == Theme::Dark), words).clicked() {
                        self.preferences.theme = Some(theme);
                        ui.ctx().set_theme(theme);
                    }
                }
            });
            parts::ring(ui, &menu.response);
            let title = RichText::new("Parlance signer").font(egui::FontId::new(14.0, look::strong())).color(look.weak);
            ui.add(egui::Label::new(title).selectable(false));
            // Some desktops give a window no title bar to move it by.
            let handle = ui.interact(ui.available_rect_before_wrap(), ui.scope_id().with("handle"), egui::Sense::DRAG);
            if handle.drag_started() {
                ui.ctx().send_viewport_cmd(ViewportCommand::StartDrag);
            }
        });
        said
    }

    fn open(&mut self, ui: &mut Ui, now: Instant) -> Option<Verdict> {
        let Stage::Open(question) = &mut self.stage else {
            return None;
        };
        // The body comes first, so that Tab goes from top to bottom; so the bar's height is that of the frame before.
        let whole = ui.available_rect_before_wrap();
        let height = self.bar_height.min(whole.height());
        let (top, bottom) = whole.split_top_bottom_at_y(whole.bottom() - height);
        let mut body = ui.new_child(UiBuilder::new().id_salt("body").max_rect(top));
        body.set_clip_rect(top);
        let state = question.begin(ui, now);
        question.body(&mut body, &state);
        let look = Look::of(ui);
        ui.painter().line_segment([bottom.left_top(), bottom.right_top()], egui::Stroke::new(1.0, look.line));
        let side = ((bottom.width() - 640.0) / 2.0).max(18.0);
        let inside = Rect::from_min_max(bottom.min + vec2(side, 10.0), egui::pos2(bottom.right() - side, f32::INFINITY));
        let mut bar = ui.new_child(UiBuilder::new().id_salt("bar").max_rect(inside));
        let said = question.bar(&mut bar, &state, now);
        let needed = (bar.min_rect().height() + 24.0).round();
        if (needed - self.bar_height).abs() > 0.5 {
            self.bar_height = needed;
            ui.ctx().request_discard("the bar's height");
        }
        said
    }
}

/// Make room for a longer question, as far as the screen goes; a window that is larger stays as it is.
fn grow(context: &egui::Context, size: egui::Vec2) {
    let (now, screen) = context.input(|i| (i.viewport_rect().size(), i.viewport().monitor_size));
    let most = screen.map_or(size, |s| s * 0.85);
    let wanted = now.max(size.min(most));
    if wanted != now {
        context.send_viewport_cmd(ViewportCommand::InnerSize(wanted));
    }
}

/// Is the window without the focus or out of sight, or was it since the last frame?
fn interrupted(context: &egui::Context) -> bool {
    context.input(|i| {
        let viewport = i.viewport();
        viewport.minimized == Some(true)
            || viewport.focused == Some(false)
            || viewport.visible() == Some(false)
            || i.events.iter().any(|e| matches!(e, egui::Event::WindowFocused(_)))
    })
}

impl eframe::App for Asking<'_> {
    fn logic(&mut self, context: &egui::Context, _frame: &mut eframe::Frame) {
        let now = Instant::now();
        self.hear(context, now);
        if context.input(|i| i.viewport().close_requested()) {
            self.say(Verdict::Rejected, now);
            self.stage = Stage::Closing;
            return;
        }
        if matches!(&self.stage, Stage::Open(question) if question.remaining.over(now)) {
            self.say(Verdict::TimedOut, now);
            self.stage = Stage::Closing;
        }
        if let Stage::Open(question) = &mut self.stage
            && interrupted(context)
        {
            question.interrupt();
        }
        match &self.stage {
            Stage::Open(question) => context.request_repaint_after(question.next_change(now)),
            Stage::Waiting { since, .. } if now.duration_since(*since) > PATIENCE => self.stage = Stage::Closing,
            Stage::Waiting { .. } => context.request_repaint_after(Duration::from_secs(1)),
            Stage::Closing => {}
        }
        if matches!(self.stage, Stage::Closing) {
            context.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// A letter that is pressed with Alt or Ctrl is a command: it is not typed as well.
    fn raw_input_hook(&mut self, _context: &egui::Context, input: &mut egui::RawInput) {
        let mut command = false;
        input.events.retain(|event| match event {
            egui::Event::Key { pressed: true, modifiers, .. } => {
                command = modifiers.alt || modifiers.ctrl;
                true
            }
            egui::Event::Text(_) => !std::mem::take(&mut command),
            _ => true,
        });
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let now = Instant::now();
        let look = Look::of(ui);
        ui.painter().rect_filled(ui.max_rect(), 0.0, look.ground);
        let mut said = None;
        if matches!(self.stage, Stage::Open(_)) {
            let menu_open = egui::Popup::is_any_open(ui.ctx());
            let key = |shortcut| ui.input_mut(|i| i.consume_shortcut(&shortcut));
            if key(INCIDENT) {
                said = Some(Verdict::Incident);
            } else if key(REJECT) || (!menu_open && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape))) {
                said = Some(Verdict::Rejected);
            }
        }
        let menu = self.menu(ui);
        if let Stage::Waiting { words, .. } = &self.stage {
            ui.centered_and_justified(|ui| ui.label(RichText::new(*words).color(look.weak)));
        }
        let answer = self.open(ui, now);
        self.preferences.zoom = ui.ctx().zoom_factor();
        if let Some(verdict) = said.or(menu).or(answer) {
            self.say(verdict, now);
            ui.ctx().request_repaint();
        }
    }
}
